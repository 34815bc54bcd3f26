import { Box, Skeleton, Stack, Text } from "@chakra-ui/react";
import { Problem } from "../../api/problem";
import { texts } from "../../texts";
import { Later } from "../Later";
import { ProblemAlert } from "../ProblemAlert";
import { isSignedOut } from "./ConnectionBanner";
import type { LogState } from "./LogStore";
import { HEIGHT } from "./styles";

const WIDTHS = ["4/5", "3/5", "2/3", "2/5", "1/2"];

/** What stands in place of lines while there are none. */
export function LogNotice({ log, isLive }: { log: LogState; isLive: boolean }) {
  const { phase, error } = log;
  return (
    <Box h={isLive ? HEIGHT : "auto"} p="4" color="fg.muted">
      {phase === "refused" && <Refused error={error} />}
      {phase === "ended" && <Text>{texts.log.empty}</Text>}
      {phase !== "refused" && phase !== "ended" && (isLive ? <Text>{texts.log.silent}</Text> : <Loading />)}
    </Box>
  );
}

function Refused({ error }: { error: Error | null }) {
  if (error instanceof Problem && [404, 410].includes(error.status)) {
    return <Text>{texts.log.collected}</Text>;
  }
  return error && !isSignedOut(error) ? <ProblemAlert error={error} /> : null;
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
