import { Button, HStack, Stack, Text } from "@chakra-ui/react";
import { useEffect } from "react";
import type { Build } from "../../api/types";
import { BuildStateBadge } from "../../components/BuildStateBadge";
import { howFar } from "../../components/howFar";
import { useBuild } from "../../operations/useBuild";
import { WhyItFailed } from "../../components/WhyItFailed";
import { part } from "../../components/part";
import { launch as words } from "../../texts/launch";

const BuildLog = part(async () => (await import(/* webpackChunkName: "log" */ "../../components/log/BuildLog")).BuildLog);

interface Props {
  /** As it was when it was asked for. */
  begun: Build;
  /** Called with the name of the image when there is one. */
  onBuilt: (image: string) => void;
  onAgain: () => void;
}

/** A build that somebody waits for to launch its image. */
export function BuildFirst({ begun, onBuilt, onAgain }: Props) {
  const { data: build } = useBuild(begun);
  const { state, image } = build;
  useEffect(() => {
    if (state === "succeeded") {
      onBuilt(image);
    }
  }, [state, image, onBuilt]);
  return (
    <Stack gap="3">
      <HStack role="status" gap="3" wrap="wrap">
        <BuildStateBadge state={state} />
        <Text>{state === "succeeded" ? words.canStart : build.message || howFar(build)}</Text>
      </HStack>
      {build.cause && <WhyItFailed cause={build.cause} />}
      {state !== "succeeded" && <BuildLog build={build} />}
      {(state === "failed" || state === "cancelled") && (
        <Button alignSelf="start" variant="outline" onClick={onAgain}>
          {words.buildAgain}
        </Button>
      )}
    </Stack>
  );
}
