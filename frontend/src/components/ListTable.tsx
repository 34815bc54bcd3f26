import { Table } from "@chakra-ui/react";
import type { ReactNode } from "react";

/** A table where there is room for one; on narrow screens its rows stack their cells. */
export function ListTable({ columns, children }: { columns: readonly string[]; children: ReactNode }) {
  // Another way to be displayed takes a table's meaning from its parts: the roles give it back.
  return (
    <Table.Root size="sm" role="table" display={{ base: "block", md: "table" }}>
      <Table.Header role="rowgroup" display={{ base: "none", md: "table-header-group" }}>
        <Table.Row role="row">
          {columns.map((column) => (
            <Table.ColumnHeader key={column} role="columnheader" scope="col">
              {column}
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
