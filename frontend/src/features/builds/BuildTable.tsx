import { Table, Text } from "@chakra-ui/react";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Section } from "../../components/Section";
import { BuildRow } from "./BuildRow";
import { useBuilds } from "./useBuilds";

export function BuildTable() {
  const { data, error } = useBuilds();
  return (
    <Section title="Builds">
      {error && <ProblemAlert error={error} />}
      {data?.items.length === 0 && <Text color="fg.muted">Nothing was built lately.</Text>}
      {data && data.items.length > 0 && (
        <Table.ScrollArea>
          <Table.Root size="sm">
            <Table.Header>
              <Table.Row>
                <Table.ColumnHeader scope="col">State</Table.ColumnHeader>
                <Table.ColumnHeader scope="col">Repository</Table.ColumnHeader>
                <Table.ColumnHeader scope="col">Version</Table.ColumnHeader>
                <Table.ColumnHeader scope="col">Started</Table.ColumnHeader>
              </Table.Row>
            </Table.Header>
            <Table.Body>
              {data.items.map((build) => (
                <BuildRow key={build.id} build={build} />
              ))}
            </Table.Body>
          </Table.Root>
        </Table.ScrollArea>
      )}
    </Section>
  );
}
