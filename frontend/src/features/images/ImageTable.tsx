import { Text } from "@chakra-ui/react";
import { ListTable } from "../../components/ListTable";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Section } from "../../components/Section";
import { Freshness } from "./Freshness";
import { ImageRow } from "./ImageRow";
import { useImages } from "../../operations/useImages";

const COLUMNS = ["Repository", "Commit", "Size", "Built"];

export function ImageTable({ mayLaunch }: { mayLaunch: boolean }) {
  const { data, error } = useImages();
  return (
    <Section title="Ready to use">
      {error && <ProblemAlert error={error} />}
      {data && <Freshness page={data} />}
      {data?.items.length === 0 && (
        <Text color="fg.muted">No environments yet. Paste a repository address to build the first one.</Text>
      )}
      {data && data.items.length > 0 && (
        <ListTable columns={mayLaunch ? [...COLUMNS, "Launch"] : COLUMNS}>
          {data.items.map((image) => (
            <ImageRow key={image.id} image={image} mayLaunch={mayLaunch} />
          ))}
        </ListTable>
      )}
    </Section>
  );
}
