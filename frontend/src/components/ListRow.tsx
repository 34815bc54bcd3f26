import { Table } from "@chakra-ui/react";
import type { ReactNode } from "react";

/** A row of a list: on narrow screens a block with a line below it. */
export function ListRow({ children }: { children: ReactNode }) {
  return (
    <Table.Row
      role="row"
      display={{ base: "block", md: "table-row" }}
      borderBottomWidth={{ base: "1px", md: "0" }}
      py={{ base: "3", md: "0" }}
    >
      {children}
    </Table.Row>
  );
}
