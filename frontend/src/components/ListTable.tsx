import { Span, Table } from "@chakra-ui/react";
import type { ReactNode } from "react";

interface Props {
  /** The heads of the columns. That of the actions is only for those who do not see that there are buttons below it. */
  columns: Readonly<Record<string, string>>;
  children: ReactNode;
}

/** A table where there is room for one; on narrow screens its rows stack their cells. */
export function ListTable({ columns, children }: Props) {
  // Another way to be displayed takes a table's meaning from its parts: the roles give it back.
  return (
    <Table.Root size="sm" role="table" display={{ base: "block", md: "table" }}>
      <Table.Header role="rowgroup" display={{ base: "none", md: "table-header-group" }}>
        <Table.Row role="row">
          {Object.entries(columns).map(([column, head]) => (
            <Table.ColumnHeader key={column} role="columnheader" scope="col">
              <Span srOnly={column === "actions"}>{head}</Span>
            </Table.ColumnHeader>
          ))}
        </Table.Row>
      </Table.Header>
      <Table.Body role="rowgroup" display={{ base: "block", md: "table-row-group" }}>
        {children}
      </Table.Body>
    </Table.Root>
  );
}
