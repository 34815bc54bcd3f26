import type { Virtualizer } from "@tanstack/react-virtual";
import { type RefObject, useLayoutEffect, useRef } from "react";
import type { LogState } from "./LogStore";
import type { Goal, LogView } from "./useLogView";

/** Pixels from the end that still count as the end. */
const NEARLY = 24;
/** Milliseconds in which somebody cannot have seen what has just come. */
const JUST = 300;

/** Keep the log at its end while that is followed, bring what is wanted into view, and see who scrolls away. */
export function useScroll(
  { rows, goal, isFollowing, log, follow, unfollow }: LogView,
  virtual: Virtualizer<HTMLDivElement, Element>,
  box: RefObject<HTMLDivElement | null>,
): () => void {
  const reached = useRef<Goal | null>(null);
  const followed = useRef<LogState | null>(null);
  const top = useRef(0);
  // Who hurries to the end may just have missed the latest lines.
  const ends = useRef({ before: 0, now: 0, since: 0 });

  useLayoutEffect(() => {
    if (goal && goal !== reached.current && goal.line <= log.last) {
      reached.current = goal;
      virtual.scrollToIndex(rows.indexOf(goal.line), { align: goal.align });
      box.current?.scrollIntoView({ block: "nearest" });
      top.current = Number.MAX_VALUE; // this is nobody's scrolling
    } else if (isFollowing && followed.current !== log && rows.count > 0) {
      virtual.scrollToEnd();
    }
    // What somebody folds or unfolds is no news.
    followed.current = isFollowing ? log : null;
  }, [goal, isFollowing, log, rows, virtual, box]);

  useLayoutEffect(() => {
    ends.current = { before: ends.current.now, now: virtual.getTotalSize(), since: Date.now() };
  }, [log, virtual]);

  return () => {
    const { scrollTop, scrollHeight, clientHeight } = box.current!;
    const bottom = scrollTop + clientHeight + NEARLY;
    const { before, since } = ends.current;
    const end = Date.now() - since < JUST ? Math.min(before, scrollHeight) : scrollHeight;
    if (!isFollowing && scrollTop > top.current && bottom > end) {
      follow();
    } else if (isFollowing && scrollTop < top.current - 1 && bottom < scrollHeight) {
      unfollow();
    }
    top.current = scrollTop;
  };
}
