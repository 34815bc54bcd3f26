import { useVirtualizer } from "@tanstack/react-virtual";
import { type Ref, type RefObject, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState } from "react";
import type { LogView } from "./useLogView";
import { useScroll } from "./useScroll";

/** Heights in rem, as the styles have them. */
const HEAD = 2;
const LINE = 1.25;

/** What keys and buttons may ask of the lines. */
export interface LogScroller {
  focus: () => void;
  toTop: () => void;
  toEnd: () => void;
  /** The row that one is at: of the head that has the focus, else the first to be seen. */
  row: () => number;
  /** Bring a head into view and give it the focus. */
  toHead: (row: number) => void;
}

/** Which rows are in view, and how to move. */
export function useLogScroller(
  view: LogView,
  isWrapped: boolean,
  box: RefObject<HTMLDivElement | null>,
  handle: Ref<LogScroller>,
) {
  const { rows } = view;
  const [rem] = useState(() => Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16);
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing of it goes to what is memoised
  const virtual = useVirtualizer<HTMLDivElement, Element>({
    count: rows.count,
    getScrollElement: () => box.current,
    estimateSize: (index) => (rows.at(index).line === null ? HEAD : LINE) * rem,
    getItemKey: rows.keyOf,
    overscan: 8,
    scrollPaddingStart: HEAD * rem,
  });
  const onScroll = useScroll(view, virtual, box);

  // Lines are of another height now.
  useEffect(() => virtual.measure(), [virtual, isWrapped]);

  const wanted = useRef<number | null>(null);
  const focusHead = () => {
    const head = box.current?.querySelector<HTMLElement>(`[data-head="${wanted.current}"]`);
    if (head) {
      wanted.current = null;
      head.focus({ preventScroll: true });
    }
  };
  // Only now may it be there.
  useLayoutEffect(() => {
    if (wanted.current !== null) {
      focusHead();
    }
  });

  // The page scrolls, too.
  const reveal = () => box.current?.scrollIntoView({ block: "nearest" });

  useImperativeHandle(handle, () => ({
    focus: () => box.current?.focus(),
    toTop: () => {
      virtual.scrollToOffset(0);
      reveal();
    },
    toEnd: () => {
      virtual.scrollToEnd();
      reveal();
    },
    row: () => {
      const focused = document.activeElement?.closest<HTMLElement>("[data-index]");
      const isHead = focused && box.current?.contains(focused);
      return isHead ? Number(focused.dataset.index) : topRow(virtual.scrollOffset ?? 0);
    },
    toHead: (row) => {
      wanted.current = rows.at(row).section.first;
      virtual.scrollToIndex(row, { align: "start" });
      reveal();
      focusHead();
    },
  }));
  const topRow = (offset: number) => virtual.getVirtualItemForOffset(offset + HEAD * rem)?.index ?? 0;

  return { virtual, onScroll };
}
