import { Button, HStack, Link, Text } from "@chakra-ui/react";
import { ExternalLink } from "lucide-react";
import { Link as RouteLink } from "wouter";
import type { Server } from "../../api/types";
import { Ago } from "../../components/Ago";
import { ListCell } from "../../components/ListCell";
import { ListRow } from "../../components/ListRow";
import { ServerStateBadge } from "../../components/ServerStateBadge";
import { servers as words } from "../../texts/servers";
import { runs } from "./runs";
import { StartOf } from "./StartOf";

interface Props {
  server: Server;
  /** What its profile is called; empty where the hub chose, or nobody knows. */
  size: string;
  /** Called with the reason when its start has failed; missing where nobody follows it. */
  onFailed: ((why: string) => void) | undefined;
  onStop: (server: Server, opener: HTMLElement) => void;
}

export function ServerRow({ server, size, onFailed, onStop }: Props) {
  const name = server.name || words.withoutName;
  const isRunning = runs(server);
  const from = !server.image_id && server.image && words.startedFrom(server.image);
  const details = [server.title && name, size && words.size(size), from];
  return (
    <ListRow>
      <ListCell>
        <Text fontWeight="semibold">{server.title || server.name || words.yours}</Text>
        <HStack textStyle="sm" color="fg.muted" wrap="wrap" gap="2" minH={{ md: "6" }}>
          {details.filter(Boolean).join(", ")}
          {server.image_id && (
            <Link asChild variant="underline" aria-label={words.environmentOf(name)}>
              <RouteLink href={`/images/${server.image_id}`}>{words.environment}</RouteLink>
            </Link>
          )}
        </HStack>
      </ListCell>
      <ListCell label={words.columns.state} inline>
        <ServerStateBadge state={server.state} />
        {onFailed && <StartOf server={server} onFailed={onFailed} />}
      </ListCell>
      <ListCell label={words.columns.started} inline>{server.started_at ? <Ago time={server.started_at} /> : words.never}</ListCell>
      <ListCell label={words.columns.used} inline>{server.last_activity ? <Ago time={server.last_activity} /> : words.never}</ListCell>
      <ListCell>
        <HStack gap="2">
          {isRunning && server.open_url && (
            <Button asChild size="xs">
              <a href={server.open_url} aria-label={words.openOf(name)}>
                <ExternalLink aria-hidden />
                {words.open}
              </a>
            </Button>
          )}
          {server.state !== "stopping" && (
            <Button
              size="xs"
              variant="outline"
              colorPalette="gray"
              onClick={({ currentTarget }) => onStop(server, currentTarget)}
              aria-label={isRunning ? words.stopOf(name) : words.removeOf(name)}
            >
              {isRunning ? words.stop : words.remove}
            </Button>
          )}
        </HStack>
      </ListCell>
    </ListRow>
  );
}
