import { Box, Heading, HStack, Link, List, SimpleGrid, Text } from "@chakra-ui/react";
import { Link as RouteLink } from "wouter";
import type { Summary } from "../../api/types";
import { Section } from "../../components/Section";
import { texts } from "../../texts";
import { admin } from "../../texts/admin";
import { number } from "../../texts/numbers";
import { Figures } from "./Figures";

const words = admin.builds;

/** How builds go, of all those on record. */
export function BuildFigures({ builds }: { builds: Summary["builds"] }) {
  return (
    <Section title={words.title}>
      {builds ? <Known builds={builds} /> : <Text color="fg.muted">{admin.unknown}</Text>}
      <HStack gap="4" wrap="wrap">
        <To href="/builds?whose=all">{words.all}</To>
        {!!builds?.ended["failed"] && <To href="/builds?whose=all&state=failed">{words.allFailed}</To>}
      </HStack>
    </Section>
  );
}

function To({ href, children }: { href: string; children: string }) {
  return (
    <Link asChild variant="underline" minH="6">
      <RouteLink href={href}>{children}</RouteLink>
    </Link>
  );
}

function Known({ builds }: { builds: NonNullable<Summary["builds"]> }) {
  const { queued, building, pushing, longest_wait, durations, waits, ended, causes, reasons } = builds;
  const lasting = (seconds: number | null) => (seconds === null ? words.none : texts.build.duration(seconds));
  const within = ({ ninetieth }: typeof waits) => (ninetieth === null ? undefined : words.ninetieth(lasting(ninetieth)));
  return (
    <>
      <Figures
        figures={[
          { label: words.queued, value: number(queued) },
          { label: words.running, value: number(building + pushing) },
          { label: words.longest, value: queued > 0 ? lasting(longest_wait) : words.none },
          { label: words.wait, value: lasting(waits.median), hint: within(waits) },
          { label: words.duration, value: lasting(durations.median), hint: within(durations) },
          { label: words.succeeded, value: number(ended["succeeded"] ?? 0) },
          { label: words.failed, value: number(ended["failed"] ?? 0) },
          { label: words.cancelled, value: number(ended["cancelled"] ?? 0) },
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
