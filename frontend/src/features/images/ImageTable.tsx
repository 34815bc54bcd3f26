import { Table, Text } from "@chakra-ui/react";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Section } from "../../components/Section";
import { ImageRow } from "./ImageRow";
import { useImages } from "./useImages";

export function ImageTable() {
  const { data, error } = useImages();
  return (
    <Section title="Ready to use">
      {error && <ProblemAlert error={error} />}
      {data?.items.length === 0 && (
        <Text color="fg.muted">No environments yet. Paste a repository address to build the first one.</Text>
      )}
      {data && data.items.length > 0 && (
        <Table.ScrollArea>
          <Table.Root size="sm">
            <Table.Header>
              <Table.Row>
                <Table.ColumnHeader scope="col">Repository</Table.ColumnHeader>
                <Table.ColumnHeader scope="col">Commit</Table.ColumnHeader>
                <Table.ColumnHeader scope="col" textAlign="end">
                  Size
                </Table.ColumnHeader>
                <Table.ColumnHeader scope="col">Built</Table.ColumnHeader>
              </Table.Row>
            </Table.Header>
            <Table.Body>
              {data.items.map((image) => (
                <ImageRow key={image.id} image={image} />
              ))}
            </Table.Body>
          </Table.Root>
        </Table.ScrollArea>
      )}
    </Section>
  );
}
