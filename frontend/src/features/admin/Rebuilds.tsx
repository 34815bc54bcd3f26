import { Text } from "@chakra-ui/react";
import { ListTable } from "../../components/ListTable";
import { LoadingRows } from "../../components/LoadingRows";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Section } from "../../components/Section";
import { useRebuilds } from "../../operations/useRebuilds";
import { admin } from "../../texts/admin";
import { RebuildActions } from "./RebuildActions";
import { RebuildRow } from "./RebuildRow";

const words = admin.rebuilds;

/** What would be built otherwise now, and how to have it built again, a few at a time. */
export function Rebuilds() {
  const { data: outdated, error, refetch } = useRebuilds();
  const others = outdated ? outdated.under_way + outdated.waiting + outdated.skipped - outdated.items.length : 0;
  return (
    <Section title={words.title}>
      {error && <ProblemAlert error={error} onRetry={() => void refetch()} />}
      {!outdated && !error && <LoadingRows label={words.loading} rows={2} />}
      {outdated && <RebuildActions outdated={outdated} />}
      {outdated && outdated.items.length > 0 && (
        <ListTable columns={words.columns}>
          {outdated.items.map((each) => (
            <RebuildRow key={each.image.id} rebuild={each} />
          ))}
        </ListTable>
      )}
      {others > 0 && <Text color="fg.muted">{words.others(others)}</Text>}
      {outdated?.partial && <Text color="fg.muted">{words.partial}</Text>}
    </Section>
  );
}
