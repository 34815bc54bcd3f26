import { Box, Flex, Link, Stack, Text } from "@chakra-ui/react";
import { useLayoutEffect, useRef } from "react";
import { ProblemAlert } from "./ProblemAlert";
import { type BuildLog as Log, useBuildLog } from "./useBuildLog";

const NEARLY = 40; // pixels from the end that still count as the end

/** The log of a build as plain text. It stays at the end for as long as nobody scrolls up. */
export function BuildLog({ id }: { id: string }) {
  const log = useBuildLog(id);
  const box = useRef<HTMLPreElement>(null);
  const atEnd = useRef(true);

  useLayoutEffect(() => {
    if (box.current && atEnd.current) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [log.lines]);

  return (
    <Stack gap="2">
      {log.error && <ProblemAlert error={log.error} />}
      <Box
        asChild
        bg="bg.muted"
        borderRadius="md"
        fontFamily="mono"
        textStyle="xs"
        maxH="24rem"
        overflow="auto"
        p="3"
        whiteSpace="pre-wrap"
        overflowWrap="anywhere"
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          atEnd.current = scrollHeight - scrollTop - clientHeight < NEARLY;
        }}
      >
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reached by the keyboard */}
        <pre ref={box} tabIndex={0} aria-label="Log of the build">
          {log.lines.join("\n")}
        </pre>
      </Box>
      <Flex gap="4" wrap="wrap" justify="space-between" textStyle="sm">
        <Text role="status" color="fg.muted">
          {progress(log)}
        </Text>
        <Link href={`api/v1/builds/${id}/log?download`} variant="underline">
          Download the log
        </Link>
      </Flex>
    </Stack>
  );
}

function progress({ phase, lines, dropped, error }: Log): string {
  const cut = dropped > 0 ? ` Only the last ${lines.length} lines are shown here.` : "";
  if (error) {
    return "";
  }
  if (phase === "lost") {
    return `The connection was lost; trying again.${cut}`;
  }
  if (phase === "ended") {
    return `The log ends here.${cut}`;
  }
  return lines.length > 0 ? `More lines appear as they come.${cut}` : "Waiting for the first line.";
}
