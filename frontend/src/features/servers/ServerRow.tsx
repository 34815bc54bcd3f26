import { Button, HStack, Text } from "@chakra-ui/react";
import type { Server } from "../../api/types";
import { ListCell } from "../../components/ListCell";
import { ListRow } from "../../components/ListRow";
import { ProblemAlert } from "../../components/ProblemAlert";
import { When } from "../../components/When";
import { ServerStateBadge } from "./ServerStateBadge";
import { useStopServer } from "../../operations/useStopServer";

export function ServerRow({ server }: { server: Server }) {
  const stop = useStopServer();
  const name = server.name || "without a name";
  const runs = server.state === "ready" || server.state === "starting";
  return (
    <ListRow>
      <ListCell>
        <Text fontWeight="medium">{server.title || server.name || "Your server"}</Text>
        {server.title && (
          <Text textStyle="xs" color="fg.muted">
            {name}
          </Text>
        )}
        {stop.error && <ProblemAlert error={stop.error} />}
      </ListCell>
      <ListCell label="State">
        <ServerStateBadge state={server.state} />
      </ListCell>
      <ListCell label="Last used">{server.last_activity ? <When time={server.last_activity} /> : "–"}</ListCell>
      <ListCell>
        <HStack gap="2">
          {runs && server.open_url && (
            <Button asChild size="xs" variant="surface">
              <a href={server.open_url} aria-label={`Open the server ${name}`}>
                Open
              </a>
            </Button>
          )}
          {server.state !== "stopping" && (
            <Button
              size="xs"
              variant="outline"
              loading={stop.isPending}
              onClick={() => stop.mutate(server.name)}
              aria-label={`${runs ? "Stop" : "Remove"} the server ${name}`}
            >
              {runs ? "Stop" : "Remove"}
            </Button>
          )}
        </HStack>
      </ListCell>
    </ListRow>
  );
}
