import { Button, HStack, Link, Span } from "@chakra-ui/react";
import { ExternalLink } from "lucide-react";
import { Link as RouteLink } from "wouter";
import { ServerStateBadge } from "../../components/ServerStateBadge";
import { useInfo } from "../../operations/useInfo";
import { useServers } from "../../operations/useServers";
import { launch as words } from "../../texts/launch";
import { anotherName } from "./anotherName";

interface Props {
  /** Empty is the one without a name. */
  name: string;
  isStopping: boolean;
  onStop: () => void;
  onStartAs: (name: string) => void;
}

/** A server that is in the way of another: which one, and what can be done. Nothing happens to it by itself. */
export function InTheWay({ name, isStopping, onStop, onStartAs }: Props) {
  const mayHaveSeveral = useInfo().data?.capabilities.named_servers === true;
  const { data: servers } = useServers();
  const server = servers?.find((each) => each.name === name);
  return (
    <>
      {server && (
        <HStack gap="3" wrap="wrap">
          <Span fontWeight="medium" overflowWrap="anywhere">
            {[server.title, server.name].filter(Boolean).join(", ") || words.yourServer}
          </Span>
          <ServerStateBadge state={server.state} />
          {server.image_id && (
            <Link asChild variant="underline" minH="6">
              <RouteLink href={`/images/${server.image_id}`}>{words.itsEnvironment}</RouteLink>
            </Link>
          )}
        </HStack>
      )}
      <HStack wrap="wrap">
        {server?.open_url && (
          <Button asChild size="sm" variant="outline">
            <a href={server.open_url}>
              <ExternalLink aria-hidden />
              {words.openIt}
            </a>
          </Button>
        )}
        <Button size="sm" variant="outline" loading={isStopping} onClick={onStop}>
          {words.stopIt}
        </Button>
        {mayHaveSeveral && servers && (
          <Button size="sm" variant="outline" onClick={() => onStartAs(anotherName(name, servers))}>
            {words.beside}
          </Button>
        )}
      </HStack>
    </>
  );
}
