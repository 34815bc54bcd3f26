import { Code, Table } from "@chakra-ui/react";

interface Props {
  title: string;
  heads: readonly [string, string];
  rows: readonly (readonly [string, string])[];
}

/** What each of some things means. */
export function Meanings({ title, heads, rows }: Props) {
  return (
    <Table.Root size="sm" variant="outline">
      <Table.Caption srOnly>{title}</Table.Caption>
      <Table.Header>
        <Table.Row>
          {heads.map((head) => (
            <Table.ColumnHeader key={head} scope="col">
              {head}
            </Table.ColumnHeader>
          ))}
        </Table.Row>
      </Table.Header>
      <Table.Body>
        {rows.map(([term, meaning]) => (
          <Table.Row key={term}>
            <Table.Cell w="45%" verticalAlign="top">
              {term.split(", ").map((part, place) => (
                <span key={part}>
                  {place > 0 && ", "}
                  <Code colorPalette="gray" overflowWrap="anywhere" whiteSpace="normal">
                    {part}
                  </Code>
                </span>
              ))}
            </Table.Cell>
            <Table.Cell verticalAlign="top">{meaning}</Table.Cell>
          </Table.Row>
        ))}
      </Table.Body>
    </Table.Root>
  );
}
