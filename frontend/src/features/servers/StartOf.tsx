import { Stack, Text } from "@chakra-ui/react";
import { useEffect } from "react";
import type { Server } from "../../api/types";
import { sentenceOf } from "../../components/sentenceOf";
import { StartBar } from "../../components/StartBar";
import { useStartProgress } from "../../operations/useStartProgress";
import { servers as words } from "../../texts/servers";

interface Props {
  server: Server;
  /** Called with the reason: hubs forget servers that have not started. */
  onFailed: (why: string) => void;
}

/** How far the start of a server is, in the hub's words. */
export function StartOf({ server, onFailed }: Props) {
  const { percent, messages, phase, reason, error } = useStartProgress(server);
  const why = phase === "failed" ? reason || (error && sentenceOf(error)) || words.noReason : "";
  useEffect(() => {
    if (why) {
      onFailed(why);
    }
  }, [why, onFailed]);
  return (
    <Stack gap="1" mt="2" minW="40" maxW={{ md: "2xs" }}>
      <StartBar percent={percent} />
      <Text role="status" textStyle="sm" color="fg.muted">
        {phase === "lost" ? words.lost : messages.at(-1)}
      </Text>
    </Stack>
  );
}
