import { Stack, Text } from "@chakra-ui/react";
import type { Server } from "../../api/types";
import { StartBar } from "../../components/StartBar";
import { useStartProgress } from "../../operations/useStartProgress";
import { servers as words } from "../../texts/servers";

/** How far the start of a server is, in the hub's words, and why it has failed. */
export function StartOf({ server }: { server: Server }) {
  const { percent, messages, phase, reason, error } = useStartProgress(server);
  if (phase !== "failed" && server.state !== "starting") {
    return null;
  }
  const said = phase === "failed" ? reason || error?.message : phase === "lost" ? words.lost : messages.at(-1);
  return (
    <Stack gap="1" mt="2" minW="40">
      {phase !== "failed" && <StartBar percent={percent} />}
      <Text role="status" textStyle="sm" color="fg.muted">
        {said}
      </Text>
    </Stack>
  );
}
