import { measureElement, useWindowVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useEffect, useState } from "react";
import type { Image } from "../../api/types";
import { rowHeight } from "./rowHeight";

/** Up to so many rows are all there, so that the browser's own search finds them. */
const ALL = 100;
/** How high rows were when they were seen: who comes back is where they were. */
const heights = new Map<string, number>();

export interface VisibleRows {
  /** Which of the rows are there. */
  indexes: readonly number[];
  /** Pixels of the rows before and after them. */
  before: number;
  after: number;
  /** Tells how high a row is; undefined where all are there. */
  measure: ((row: HTMLElement | null) => void) | undefined;
}

/** Which rows of a long list there have to be, as far as the window is scrolled. */
export function useVisibleRows(images: readonly Image[], body: RefObject<HTMLElement | null>): VisibleRows {
  const [offset, setOffset] = useState(0);
  const isLong = images.length > ALL;
  // What is above the rows may grow and shrink at any time.
  useEffect(() => {
    const look = () => setOffset(body.current ? Math.round(body.current.getBoundingClientRect().top + window.scrollY) : 0);
    const observer = new ResizeObserver(look);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, [body]);
  const virtual = useWindowVirtualizer({
    count: images.length,
    enabled: isLong,
    estimateSize: (index) => heights.get(images[index]!.id) ?? rowHeight(images[index]!),
    getItemKey: (index) => images[index]!.id,
    measureElement: (row, entry, all) => {
      const height = measureElement(row, entry, all);
      heights.set(images[all.indexFromElement(row)]!.id, height);
      return height;
    },
    overscan: 4,
    scrollMargin: offset,
  });
  if (!isLong) {
    return { indexes: images.map((_, index) => index), before: 0, after: 0, measure: undefined };
  }
  const items = virtual.getVirtualItems();
  return {
    indexes: items.map(({ index }) => index),
    before: items.length > 0 ? items[0]!.start - offset : 0,
    after: items.length > 0 ? virtual.getTotalSize() - (items.at(-1)!.end - offset) : virtual.getTotalSize(),
    measure: virtual.measureElement,
  };
}
