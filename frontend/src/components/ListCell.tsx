import { Table, Text } from "@chakra-ui/react";
import type { ReactNode } from "react";

interface Props {
  /** The column's name, shown where the columns have no heads; empty for a value that speaks for itself. */
  label?: string;
  colSpan?: number;
  /** On narrow screens it is in the upper corner of the row, which has to be positioned. */
  corner?: boolean;
  /** On narrow screens it shares a line with what comes next. */
  inline?: boolean;
  children: ReactNode;
}

export function ListCell({ label = "", colSpan, corner = false, inline = false, children }: Props) {
  return (
    <Table.Cell
      role="cell"
      {...(colSpan && { colSpan })}
      {...(corner && { position: { base: "absolute", md: "static" }, insetEnd: "0", top: "3", zIndex: { base: "1", md: "auto" } })}
      display={{ base: inline ? "inline-block" : "block", md: "table-cell" }}
      me={{ base: inline ? "4" : "0", md: "0" }}
      borderBottomWidth={{ base: "0", md: "1px" }}
      px={{ base: "0", md: corner ? "0" : "2" }}
      py={{ base: corner ? "0" : "1", md: "2" }}
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
