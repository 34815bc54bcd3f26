import { Table, Text } from "@chakra-ui/react";
import type { ReactNode } from "react";

interface Props {
  /** The column's name, shown where the columns have no heads; empty for a value that speaks for itself. */
  label?: string;
  colSpan?: number;
  /** On narrow screens it shares a line with what comes next. */
  inline?: boolean;
  children: ReactNode;
}

export function ListCell({ label = "", colSpan, inline = false, children }: Props) {
  return (
    <Table.Cell
      role="cell"
      {...(colSpan && { colSpan })}
      display={{ base: inline ? "inline-block" : "block", md: "table-cell" }}
      me={{ base: inline ? "4" : "0", md: "0" }}
      borderBottomWidth={{ base: "0", md: "1px" }}
      px={{ base: "0", md: "2" }}
      py={{ base: "1", md: "2" }}
      verticalAlign="top"
      overflowWrap="anywhere"
    >
      {label && (
        <Text as="span" hideFrom="md" color="fg.muted">
          {label}:{" "}
        </Text>
      )}
      {children}
    </Table.Cell>
  );
}
