import { Alert, HStack } from "@chakra-ui/react";
import type { Build, Me } from "../../api/types";
import { mayRebuild } from "../../operations/rights";
import { useImageOf } from "../../operations/useImageOf";
import { texts } from "../../texts";
import { Launch } from "./Launch";
import { NextActions } from "./NextActions";

/** What came of a build that did not fail, and what can be done with it. */
export function Outcome({ build, me }: { build: Build; me: Me }) {
  const image = useImageOf(build);
  const words = texts.build;
  if (build.state === "cancelled") {
    return (
      <Alert.Root status="neutral">
        <Alert.Indicator />
        <Alert.Content gap="3">
          <Alert.Title>{words.cancelled}</Alert.Title>
          <HStack wrap="wrap">
            <NextActions build={build} me={me} />
          </HStack>
        </Alert.Content>
      </Alert.Root>
    );
  }
  const replaced = image !== null && (build.changed_outside || image?.changed_outside);
  const title = image === null ? words.deleted : replaced ? texts.images.replaced : build.reused ? words.reused : words.ready;
  return (
    <Alert.Root status={image === null ? "neutral" : replaced ? "error" : "success"}>
      <Alert.Indicator />
      <Alert.Content gap="3">
        <Alert.Title>{title}</Alert.Title>
        {replaced && <Alert.Description>{texts.images.replacedHint}</Alert.Description>}
        <HStack wrap="wrap">
          {image && <Launch image={image} me={me} />}
          {image !== undefined && <NextActions build={build} me={me} mayForce={image === null || mayRebuild(me, image)} />}
        </HStack>
      </Alert.Content>
    </Alert.Root>
  );
}
