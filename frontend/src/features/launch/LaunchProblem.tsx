import { Button, Link, Stack, Text } from "@chakra-ui/react";
import { Problem } from "../../api/problem";
import { ProblemAlert } from "../../components/ProblemAlert";
import { useStopServer } from "../../operations/useStopServer";

/** The server was not started: why, and where one is in the way, a button to stop that one. */
export function LaunchProblem({ error }: { error: Error }) {
  const stop = useStopServer();
  const inTheWay = error instanceof Problem ? error.busyServer : undefined;
  return (
    <Stack gap="3" align="start">
      {!stop.isSuccess && <ProblemAlert error={stop.error ?? error} />}
      {inTheWay !== undefined && !stop.isSuccess && (
        <Button size="sm" variant="outline" loading={stop.isPending} onClick={() => stop.mutate(inTheWay)}>
          Stop that server
        </Button>
      )}
      {stop.isSuccess && <Text role="status">It is being stopped. Press Start again in a moment.</Text>}
      <Link href="." variant="underline">
        See my servers
      </Link>
    </Stack>
  );
}
