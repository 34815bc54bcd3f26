import { Button, HStack, List, Span } from "@chakra-ui/react";
import { ExternalLink } from "lucide-react";
import type { Image } from "../../api/types";
import { ServerStateBadge } from "../../components/ServerStateBadge";
import { Section } from "../../components/Section";
import { useServersOf } from "../../operations/useServersOf";
import { texts } from "../../texts";

/** The servers that who is signed in has from this environment; nothing where there are none. */
export function Servers({ image }: { image: Image }) {
  const words = texts.image;
  const servers = useServersOf([image.id]);
  if (servers.length === 0) {
    return null;
  }
  return (
    <Section title={words.servers}>
      <List.Root variant="plain" gap="2">
        {servers.map(({ name, title, state, open_url }) => {
          const spoken = name || words.serverWithoutName;
          return (
            <List.Item key={name} display="block">
              <HStack gap="3" flexWrap="wrap">
                <Span fontWeight="medium" overflowWrap="anywhere">
                  {title || spoken}
                </Span>
                <ServerStateBadge state={state} />
                {open_url && (
                  <Button asChild size="xs" variant="outline" colorPalette="gray">
                    <a href={open_url} aria-label={words.openServer(spoken)}>
                      <ExternalLink aria-hidden />
                      {words.open}
                    </a>
                  </Button>
                )}
              </HStack>
            </List.Item>
          );
        })}
      </List.Root>
    </Section>
  );
}
