import { Box, Skeleton, Stack, Text } from "@chakra-ui/react";
import { Problem } from "../../api/problem";
import { texts } from "../../texts";
import { isSignedOut } from "../isSignedOut";
import { Later } from "../Later";
import { ProblemAlert } from "../ProblemAlert";
import type { LogState } from "./LogStore";
import { HEIGHT } from "./styles";

const WIDTHS = ["4/5", "3/5", "2/3", "2/5", "1/2"];

/** Builders mostly begin at once: before that there is nothing to explain. */
const SILENT = 2000;

interface Props {
  log: LogState;
  isLive: boolean;
  /** Whether it has not begun. */
  isQueued: boolean;
}

/** What stands in place of lines while there are none. */
export function LogNotice({ log, isLive, isQueued }: Props) {
  const { phase, error } = log;
  const isReading = phase !== "refused" && phase !== "ended";
  return (
    <Box h={isLive ? HEIGHT : "auto"} p="4" color="fg.muted">
      {phase === "refused" && <Refused error={error} />}
      {phase === "ended" && <Text>{texts.log.empty}</Text>}
      {isReading && !isLive && <Loading />}
      {isReading && isLive && (isQueued ? <Text>{texts.log.queued}</Text> : <NotYet />)}
    </Box>
  );
}

function Refused({ error }: { error: Error | null }) {
  if (error instanceof Problem && [404, 410].includes(error.status)) {
    return <Text>{texts.log.collected}</Text>;
  }
  return error && !isSignedOut(error) ? <ProblemAlert error={error} /> : null;
}

function NotYet() {
  return (
    <Later after={SILENT} before={<Text>{texts.log.first}</Text>}>
      <Text>{texts.log.silent}</Text>
    </Later>
  );
}

function Loading() {
  return (
    <Later>
      <Stack role="status" aria-label={texts.log.loading} gap="3">
        {WIDTHS.map((width) => (
          <Skeleton key={width} height="4" width={width} />
        ))}
      </Stack>
    </Later>
  );
}
