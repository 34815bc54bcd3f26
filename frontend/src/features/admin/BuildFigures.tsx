import { Link, Text } from "@chakra-ui/react";
import { Link as RouteLink } from "wouter";
import type { Summary } from "../../api/types";
import { ListCell } from "../../components/ListCell";
import { ListRow } from "../../components/ListRow";
import { ListTable } from "../../components/ListTable";
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
  const why = [...Object.entries(reasons), ...Object.entries(causes)].sort(([, one], [, other]) => other - one);
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
      {why.length > 0 && (
        <ListTable columns={Object.values(words.column)}>
          {why.map(([reason, number]) => (
            <ListRow key={reason}>
              <ListCell>{reason.replaceAll("-", " ")}</ListCell>
              <ListCell label={words.column.count}>{count(number)}</ListCell>
            </ListRow>
          ))}
        </ListTable>
      )}
    </>
  );
}
