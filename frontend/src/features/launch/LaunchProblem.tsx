import { Button, HStack, Link, Stack, Text } from "@chakra-ui/react";
import { Link as RouteLink } from "wouter";
import { Problem } from "../../api/problem";
import { ProblemAlert } from "../../components/ProblemAlert";
import { useInfo } from "../../operations/useInfo";
import { useServers } from "../../operations/useServers";
import { useStopServer } from "../../operations/useStopServer";
import { launch as words } from "../../texts/launch";
import { anotherName } from "./anotherName";

interface Props {
  error: Error;
  /** Starts the same under a name of its own. */
  onStartAs: (name: string) => void;
}

/** The server was not started: why, and where one is in the way, buttons to stop that one or to leave it be. */
export function LaunchProblem({ error, onStartAs }: Props) {
  const stop = useStopServer();
  const inTheWay = error instanceof Problem ? error.busyServer : undefined;
  const mayHaveSeveral = useInfo().data?.capabilities.named_servers === true;
  const { data: servers } = useServers();
  return (
    <Stack gap="3" align="start">
      {!stop.isSuccess && <ProblemAlert error={stop.error ?? error} />}
      {inTheWay !== undefined && !stop.isSuccess && (
        <HStack wrap="wrap">
          <Button size="sm" variant="outline" loading={stop.isPending} onClick={() => stop.mutate(inTheWay)}>
            {words.stopIt}
          </Button>
          {mayHaveSeveral && servers && (
            <Button size="sm" variant="outline" onClick={() => onStartAs(anotherName(inTheWay, servers))}>
              {words.beside}
            </Button>
          )}
        </HStack>
      )}
      {stop.isSuccess && <Text role="status">{words.stopping}</Text>}
      <Link asChild variant="underline" minH="6">
        <RouteLink href="/servers">{words.toServers}</RouteLink>
      </Link>
    </Stack>
  );
}
