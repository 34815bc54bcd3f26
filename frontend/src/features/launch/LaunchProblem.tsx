import { Link, Stack, Text } from "@chakra-ui/react";
import { Link as RouteLink } from "wouter";
import { Problem } from "../../api/problem";
import { ProblemAlert } from "../../components/ProblemAlert";
import { useStopServer } from "../../operations/useStopServer";
import { launch as words } from "../../texts/launch";
import { InTheWay } from "./InTheWay";

interface Props {
  error: Error;
  /** Starts the same under a name of its own. */
  onStartAs: (name: string) => void;
}

/** The server was not started: why, and where one is in the way, buttons to stop that one or to leave it be. */
export function LaunchProblem({ error, onStartAs }: Props) {
  const stop = useStopServer();
  const inTheWay = error instanceof Problem ? error.busyServer : undefined;
  return (
    <Stack gap="3" align="start">
      {!stop.isSuccess && <ProblemAlert error={stop.error ?? error} />}
      {inTheWay !== undefined && !stop.isSuccess && (
        <InTheWay name={inTheWay} isStopping={stop.isPending} onStop={() => stop.mutate(inTheWay)} onStartAs={onStartAs} />
      )}
      {stop.isSuccess && <Text role="status">{words.stopping}</Text>}
      <Link asChild variant="underline" minH="6">
        <RouteLink href="/servers">{words.toServers}</RouteLink>
      </Link>
    </Stack>
  );
}
