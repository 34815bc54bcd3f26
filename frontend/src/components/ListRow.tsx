import { Table } from "@chakra-ui/react";
import type { RefAttributes } from "react";

/** A row of a list: on narrow screens a block with a line below it. */
export function ListRow(props: Table.RowProps & RefAttributes<HTMLTableRowElement>) {
  return (
    <Table.Row
      role="row"
      display={{ base: "block", md: "table-row" }}
      borderBottomWidth={{ base: "1px", md: "0" }}
      py={{ base: "3", md: "0" }}
      {...props}
    />
  );
}
