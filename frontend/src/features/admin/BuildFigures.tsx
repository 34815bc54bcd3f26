import { Box, Heading, Link, List, SimpleGrid, Text } from "@chakra-ui/react";
import { Link as RouteLink } from "wouter";
import type { Summary } from "../../api/types";
import { Section } from "../../components/Section";
import { texts } from "../../texts";
import { admin } from "../../texts/admin";
import { Figures } from "./Figures";

const words = admin.builds;

/** How builds go, of all those on record. */
export function BuildFigures({ builds }: { builds: Summary["builds"] }) {
  return (
    <Section title={words.title}>
      {builds ? <Known builds={builds} /> : <Text color="fg.muted">{admin.unknown}</Text>}
      <Link asChild variant="underline" alignSelf="start" minH="6">
        <RouteLink href="/builds?whose=all">{words.all}</RouteLink>
      </Link>
    </Section>
  );
}

function Known({ builds }: { builds: NonNullable<Summary["builds"]> }) {
  const { queued, building, pushing, longest_wait, durations, ended, causes, reasons } = builds;
  const count = (number: number) => number.toLocaleString("en");
  const lasting = (seconds: number | null) => (seconds === null ? words.none : texts.build.duration(seconds));
  return (
    <>
      <Figures
        figures={[
          [words.queued, count(queued)],
          [words.running, count(building + pushing)],
          [words.longest, queued > 0 ? lasting(longest_wait) : words.none],
          [words.median, lasting(durations.median)],
          [words.ninetieth, lasting(durations.ninetieth)],
          [words.succeeded, count(ended["succeeded"] ?? 0)],
          [words.failed, count(ended["failed"] ?? 0)],
          [words.cancelled, count(ended["cancelled"] ?? 0)],
        ]}
      />
      {Object.keys(reasons).length > 0 && (
        <SimpleGrid columns={{ base: 1, md: 2 }} gap="6">
          <Counted title={words.reasons} counts={reasons} />
          {Object.keys(causes).length > 0 && <Counted title={words.causes} counts={causes} />}
        </SimpleGrid>
      )}
    </>
  );
}

/** The most frequent first. */
function Counted({ title, counts }: { title: string; counts: Readonly<Record<string, number>> }) {
  const sorted = Object.entries(counts).sort(([, one], [, other]) => other - one);
  return (
    <Box>
      <Heading as="h3" size="sm" mb="2">
        {title}
      </Heading>
      <List.Root variant="plain" gap="1" textStyle="sm">
        {sorted.map(([reason, count]) => (
          <List.Item key={reason}>{words.timesOf(reason, count)}</List.Item>
        ))}
      </List.Root>
    </Box>
  );
}
