import { Box, Code } from "@chakra-ui/react";
import { useSyncExternalStore } from "react";
import type { LogStore } from "../../components/log/LogStore";
import { texts } from "../../texts";
import { endOfLog } from "./endOfLog";

/** What the log says at its end, where nobody knows which line of it tells why. */
export function LastLines({ store }: { store: LogStore }) {
  const { phase } = useSyncExternalStore(store.subscribe, store.snapshot);
  const lines = phase === "ended" ? endOfLog(store) : [];
  if (lines.length === 0) {
    return null;
  }
  return (
    <Box asChild w="full">
      <details>
        <Box as="summary" cursor="pointer" minH="6" w="fit-content" textStyle="sm">
          {texts.build.lastLines}
        </Box>
        <Code display="block" mt="2" p="3" size="sm" variant="surface" whiteSpace="pre-wrap" overflowWrap="anywhere">
          {lines.join("\n")}
        </Code>
      </details>
    </Box>
  );
}
