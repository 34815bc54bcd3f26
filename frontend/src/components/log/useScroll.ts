import type { Virtualizer } from "@tanstack/react-virtual";
import { type RefObject, useLayoutEffect, useRef } from "react";
import type { LogState } from "./LogStore";
import type { Goal, LogView } from "./useLogView";

/** Pixels from the end that still count as the end. */
const NEARLY = 24;

/** Keep the log at its end while that is followed, bring what is wanted into view, and see who scrolls away. */
export function useScroll(
  { rows, goal, isFollowing, log, follow, unfollow }: LogView,
  virtual: Virtualizer<HTMLDivElement, Element>,
  box: RefObject<HTMLDivElement | null>,
): () => void {
  const reached = useRef<Goal | null>(null);
  const followed = useRef<LogState | null>(null);
  const top = useRef(0);

  useLayoutEffect(() => {
    if (goal && goal !== reached.current && goal.line <= log.last) {
      reached.current = goal;
      virtual.scrollToIndex(rows.indexOf(goal.line), { align: goal.align });
    } else if (isFollowing && followed.current !== log && rows.count > 0) {
      virtual.scrollToEnd();
    }
    // What somebody folds or unfolds is no news.
    followed.current = isFollowing ? log : null;
  }, [goal, isFollowing, log, rows, virtual]);

  return () => {
    const { scrollTop, scrollHeight, clientHeight } = box.current!;
    const isAtEnd = scrollHeight - scrollTop - clientHeight < NEARLY;
    if (isAtEnd && !isFollowing) {
      follow();
    } else if (!isAtEnd && isFollowing && scrollTop < top.current - 1) {
      unfollow();
    }
    top.current = scrollTop;
  };
}
