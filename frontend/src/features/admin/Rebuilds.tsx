import { Button, HStack, Text } from "@chakra-ui/react";
import { RotateCw } from "lucide-react";
import { useState } from "react";
import type { Rebuilds as Outdated } from "../../api/types";
import { ListTable } from "../../components/ListTable";
import { LoadingRows } from "../../components/LoadingRows";
import { NativeCheckbox } from "../../components/NativeCheckbox";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Section } from "../../components/Section";
import { useBeginRebuilds } from "../../operations/useBeginRebuilds";
import { useRebuilds } from "../../operations/useRebuilds";
import { admin } from "../../texts/admin";
import { RebuildRow } from "./RebuildRow";

const words = admin.rebuilds;

/** What would be built otherwise now, and how to have it built again, a few at a time. */
export function Rebuilds() {
  const { data: outdated, error, refetch } = useRebuilds();
  return (
    <Section title={words.title}>
      {error && <ProblemAlert error={error} onRetry={() => void refetch()} />}
      {!outdated && !error && <LoadingRows label={words.loading} rows={2} />}
      {outdated?.items.length === 0 && <Text color="fg.muted">{words.none}</Text>}
      {outdated && outdated.items.length > 0 && <Listed outdated={outdated} />}
      {outdated?.partial && <Text color="fg.muted">{words.partial}</Text>}
    </Section>
  );
}

function Listed({ outdated }: { outdated: Outdated }) {
  const { items, under_way, waiting, skipped, at_once, as_of } = outdated;
  const [failedToo, setFailedToo] = useState(false);
  const begin = useBeginRebuilds();
  const others = under_way + waiting + skipped - items.length;
  return (
    <>
      <Text>
        {words.hint} {words.counts(under_way, waiting, skipped)}
      </Text>
      <HStack wrap="wrap" gap="4">
        <Button
          variant="outline"
          loading={begin.isPending}
          disabled={waiting === 0 && !failedToo}
          onClick={() => begin.mutate(failedToo ? { failed_before: as_of } : {})}
        >
          <RotateCw aria-hidden />
          {words.some}
        </Button>
        <NativeCheckbox label={words.failedToo} isLabelShown checked={failedToo} onChange={setFailedToo} />
      </HStack>
      <Text textStyle="sm" color="fg.muted">
        {words.someHint(at_once)}
      </Text>
      <Text role="status">{begin.data && words.begun(begin.data.begun.length)}</Text>
      {begin.error && <ProblemAlert error={begin.error} />}
      <ListTable columns={Object.values(words.columns)}>
        {items.map((each) => (
          <RebuildRow key={each.image.id} rebuild={each} />
        ))}
      </ListTable>
      {others > 0 && <Text color="fg.muted">{words.others(others)}</Text>}
    </>
  );
}
