import { HStack, Link, List, Span, Text } from "@chakra-ui/react";
import { Link as RouteLink } from "wouter";
import type { Image } from "../../api/types";
import { Ago } from "../../components/Ago";
import { spokenAddress } from "../../components/forge";
import { ImageBadges } from "../../components/ImageBadges";
import { Section } from "../../components/Section";
import { spokenRef } from "../../components/spokenRef";
import { useOtherVersions } from "../../operations/useOtherVersions";
import { texts } from "../../texts";

/** So many are named; the others are in the list of all. */
const NAMED = 5;

/** What else is built of the same repository; nothing where this is all. */
export function OtherVersions({ image }: { image: Image }) {
  const words = texts.image;
  const others = useOtherVersions(image);
  if (others.length === 0) {
    return null;
  }
  return (
    <Section title={words.others}>
      <Text color="fg.muted">{words.othersHint}</Text>
      <List.Root variant="plain" gap="2">
        {others.slice(0, NAMED).map((other) => (
          <List.Item key={other.id} display="block">
            <HStack gap="3" flexWrap="wrap">
              <Link asChild variant="underline" minH="6" overflowWrap="anywhere">
                <RouteLink href={`/images/${other.id}`}>{[spokenRef(other), other.commit.slice(0, 7)].filter(Boolean).join(" ")}</RouteLink>
              </Link>
              <Span color="fg.muted">
                <Ago time={other.created_at} />
                {other.digest === image.digest && `, ${words.same}`}
              </Span>
              <ImageBadges image={other} />
            </HStack>
          </List.Item>
        ))}
      </List.Root>
      {others.length > NAMED && (
        <Link asChild variant="underline" alignSelf="start" minH="6">
          <RouteLink href={`/?${new URLSearchParams({ q: spokenAddress(image.repo) })}`}>{words.more(others.length + 1)}</RouteLink>
        </Link>
      )}
    </Section>
  );
}
