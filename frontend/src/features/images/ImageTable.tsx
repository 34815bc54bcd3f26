import { Table } from "@chakra-ui/react";
import { useRef } from "react";
import type { Image } from "../../api/types";
import { texts } from "../../texts";
import type { Choice, Order } from "./choosing";
import { ImageHead } from "./ImageHead";
import { ImageRow } from "./ImageRow";
import { useRowStyles } from "./rowStyles";
import { useVisibleRows } from "./useVisibleRows";

interface Props {
  images: readonly Image[];
  order: Order;
  onChange: (change: Partial<Choice>) => void;
  owner: string;
  mayLaunch: boolean;
  /** Which of them can be selected, and which are; without any there is no column for it. */
  selectable: ReadonlySet<string>;
  selected: ReadonlySet<string>;
  onSelect: (ids: readonly string[], isSelected: boolean) => void;
  onMenu: (image: Image, opener: HTMLElement) => void;
}

/** A table where there is room for one; on narrow screens each environment is a card. */
export function ImageTable({ images, order, onChange, owner, mayLaunch, selectable, selected, onSelect, onMenu }: Props) {
  const body = useRef<HTMLTableSectionElement>(null);
  const { indexes, before, after, measure } = useVisibleRows(images, body);
  return (
    <Table.Root
      native
      size="sm"
      role="table"
      aria-rowcount={images.length + 1}
      display={{ base: "block", md: "table" }}
      tableLayout={{ md: "fixed" }}
      css={useRowStyles()}
    >
      <Table.Caption srOnly>{texts.images.caption}</Table.Caption>
      <ImageHead
        images={images}
        order={order}
        onChange={onChange}
        selectable={selectable}
        selected={selected}
        onSelect={onSelect}
      />
      <Table.Body ref={body} role="rowgroup" display={{ base: "block", md: "table-row-group" }}>
        <Gap height={before} />
        {indexes.map((index) => {
          const image = images[index]!;
          return (
            <ImageRow
              key={image.id}
              image={image}
              index={index}
              measure={measure}
              owner={owner}
              mayLaunch={mayLaunch}
              hasChoice={selectable.size > 0}
              maySelect={selectable.has(image.id)}
              isSelected={selected.has(image.id)}
              onSelect={onSelect}
              onMenu={onMenu}
            />
          );
        })}
        <Gap height={after} />
      </Table.Body>
    </Table.Root>
  );
}

/** As high as the rows that are not there. */
function Gap({ height }: { height: number }) {
  return height > 0 ? (
    <tr aria-hidden style={{ display: "block", height }}>
      <td />
    </tr>
  ) : null;
}
