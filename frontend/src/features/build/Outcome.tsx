import { Alert, Button, HStack } from "@chakra-ui/react";
import { Play } from "lucide-react";
import { Link } from "wouter";
import type { Build, Me } from "../../api/types";
import { NoServerInside } from "../../components/NoServerInside";
import { useImageOf } from "../../operations/useImageOf";
import { useInfo } from "../../operations/useInfo";
import { texts } from "../../texts";
import { NextActions } from "./NextActions";

/** What came of a build that did not fail, and what can be done with it. */
export function Outcome({ build, me }: { build: Build; me: Me }) {
  if (build.state === "cancelled") {
    return (
      <Alert.Root status="neutral">
        <Alert.Indicator />
        <Alert.Content gap="3">
          <Alert.Title>{texts.build.cancelled}</Alert.Title>
          <HStack wrap="wrap">
            <NextActions build={build} me={me} />
          </HStack>
        </Alert.Content>
      </Alert.Root>
    );
  }
  return (
    <Alert.Root status="success">
      <Alert.Indicator />
      <Alert.Content gap="3">
        <Alert.Title>{build.reused ? texts.build.reused : texts.build.ready}</Alert.Title>
        <HStack wrap="wrap">
          <Launch build={build} />
        </HStack>
      </Alert.Content>
    </Alert.Root>
  );
}

function Launch({ build }: { build: Build }) {
  const image = useImageOf(build);
  const startsServers = useInfo().data?.capabilities.servers;
  if (!image) {
    return null; // not known yet, or deleted since
  }
  return (
    <>
      {startsServers && image.launchable === false && <NoServerInside />}
      {startsServers && image.launchable !== false && (
        <Button asChild size="sm" colorPalette="brand">
          <Link href={`/launch?image=${image.id}`}>
            <Play aria-hidden /> {texts.build.launch}
          </Link>
        </Button>
      )}
      <Button asChild size="sm" variant="outline" colorPalette="gray">
        <Link href={`/images/${image.id}`}>{texts.build.details}</Link>
      </Button>
    </>
  );
}
