import { Alert, Button, HStack } from "@chakra-ui/react";
import { Play } from "lucide-react";
import { Link } from "wouter";
import type { Image, Me } from "../../api/types";
import { Ago } from "../../components/Ago";
import { NoServerInside } from "../../components/NoServerInside";
import { withQuery } from "../../components/withQuery";
import { mayDelete, mayStart } from "../../operations/rights";
import { useInfo } from "../../operations/useInfo";
import { texts } from "../../texts";
import { newBuild as words } from "../../texts/newBuild";

interface Props {
  image: Image;
  /** What to open. */
  path: string;
  profile: string;
  me: Me;
  isBusy: boolean;
  onBuild: () => void;
}

/** What would be built is there already. */
export function ExistingImageCallout({ image, path, profile, me, isBusy, onBuild }: Props) {
  const startsServers = useInfo().data?.capabilities.servers;
  return (
    <Alert.Root status={image.changed_outside ? "error" : "success"} role="status">
      <Alert.Indicator />
      <Alert.Content gap="3">
        <Alert.Title>{image.changed_outside ? texts.images.replaced : words.built}</Alert.Title>
        <Alert.Description>
          {words.builtAgo} <Ago time={image.created_at} />
        </Alert.Description>
        <HStack wrap="wrap">
          {startsServers && image.launchable === false && <NoServerInside isInPlace />}
          {startsServers && mayStart(me, image) && (
            <Button asChild colorPalette="brand">
              <Link href={withQuery("/launch", { image: image.id, path, profile })}>
                <Play aria-hidden />
                {words.launch}
              </Link>
            </Button>
          )}
          <Button asChild variant="outline" colorPalette="gray">
            <Link href={`/images/${image.id}`}>{words.see}</Link>
          </Button>
          {mayDelete(me, image) && !image.protected && (
            <Button variant="outline" colorPalette="gray" loading={isBusy} onClick={onBuild}>
              {words.buildAnyway}
            </Button>
          )}
        </HStack>
      </Alert.Content>
    </Alert.Root>
  );
}
