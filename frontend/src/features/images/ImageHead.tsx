import { chakra, Span, Table } from "@chakra-ui/react";
import { ArrowDown, ArrowUp } from "lucide-react";
import type { Image } from "../../api/types";
import { NativeCheckbox } from "../../components/NativeCheckbox";
import { texts } from "../../texts";
import type { Choice, Order } from "./choosing";

interface Props {
  images: readonly Image[];
  order: Order;
  onChange: (change: Partial<Choice>) => void;
  selectable: ReadonlySet<string>;
  selected: ReadonlySet<string>;
  onSelect: (ids: readonly string[], isSelected: boolean) => void;
}

/** The heads of the columns, which sort, and on narrow screens what selects everything. */
export function ImageHead({ images, order, onChange, selectable, selected, onSelect }: Props) {
  const words = texts.images.columns;
  const shown = images.map(({ id }) => id).filter((id) => selectable.has(id));
  const count = shown.filter((id) => selected.has(id)).length;
  const sort = (next: Order) => onChange({ order: order === next ? "" : next });
  return (
    <Table.Header role="rowgroup" display={{ base: "block", md: "table-header-group" }}>
      <Table.Row role="row" display={{ base: selectable.size > 0 ? "block" : "none", md: "table-row" }} bg="transparent">
        {selectable.size > 0 && (
          <Table.ColumnHeader role="columnheader" scope="col" display={{ base: "block", md: "table-cell" }} w={{ md: "10" }} px="0">
            <NativeCheckbox
              label={texts.images.selectAll}
              isLabelShown="base"
              checked={count > 0 && count === shown.length}
              isMixed={count > 0 && count < shown.length}
              disabled={shown.length === 0}
              onChange={(isChecked) => onSelect(shown, isChecked)}
            />
          </Table.ColumnHeader>
        )}
        <SortHead column={words.environment} width="auto" direction={order === "name" ? "ascending" : undefined} onSort={() => sort("name")} />
        <SortHead column={words.version} width="40" />
        <SortHead column={words.size} width="24" direction={order === "size" ? "descending" : undefined} onSort={() => sort("size")} />
        <SortHead
          column={words.built}
          width="36"
          direction={{ newest: "descending" as const, oldest: "ascending" as const }[order as string]}
          onSort={() => sort(order === "newest" ? "oldest" : "newest")}
        />
        <SortHead column={words.actions} width="40" isQuiet />
      </Table.Row>
    </Table.Header>
  );
}

interface HeadProps {
  column: string;
  width: string;
  direction?: "ascending" | "descending" | undefined;
  /** Only for those who do not see that there are buttons below it. */
  isQuiet?: boolean;
  /** Sorts by this column; missing where that has no meaning. */
  onSort?: () => void;
}

function SortHead({ column, width, direction, isQuiet = false, onSort }: HeadProps) {
  const Arrow = direction === "ascending" ? ArrowUp : ArrowDown;
  return (
    <Table.ColumnHeader
      role="columnheader"
      scope="col"
      hideBelow="md"
      w={width}
      aria-sort={direction ?? (onSort ? "none" : undefined)}
    >
      {onSort ? (
        <chakra.button
          type="button"
          onClick={onSort}
          display="inline-flex"
          alignItems="center"
          gap="1"
          minH="6"
          cursor="pointer"
          fontWeight="inherit"
          aria-label={texts.images.sorted(column)}
          focusVisibleRing="outside"
        >
          {column}
          {direction && <Arrow size="1em" aria-hidden />}
        </chakra.button>
      ) : (
        <Span srOnly={isQuiet}>{column}</Span>
      )}
    </Table.ColumnHeader>
  );
}
