import { useCallback, useMemo, useState, useSyncExternalStore } from "react";
import type { LineRange } from "./lineRange";
import type { LogStore } from "./LogStore";
import { Rows } from "./rows";
import type { Section } from "./section";
import { useFolds } from "./useFolds";
import { useLineRange } from "./useLineRange";
import { useLogSearch } from "./useLogSearch";

/** A line that is to be shown; each wish is an object of its own. */
export interface Goal {
  line: number;
  /** In the middle, unless it is enough that it can be seen. */
  align: "center" | "auto";
}

export type LogView = ReturnType<typeof useLogView>;

/** What is to be seen of a log: which rows, what is marked, found and followed. */
export function useLogView(store: LogStore, isLinked: boolean, isLive: boolean) {
  // What had ended when it was opened has no end that could be followed.
  const [wasLive] = useState(isLive);
  const log = useSyncExternalStore(store.subscribe, store.snapshot);
  const { sections, last } = log;
  const [goal, setGoal] = useState<Goal | null>(null);
  // The last line at the time when somebody stopped following; null while the end is followed.
  const [left, setLeft] = useState<number | null>(wasLive ? null : Number.MAX_SAFE_INTEGER);

  const arrive = useCallback(
    ({ from }: LineRange, align: Goal["align"] = "center") => {
      setGoal({ line: from, align });
      setLeft((before) => before ?? store.last);
    },
    [store],
  );
  const [range, choose] = useLineRange(isLinked, arrive);
  const [isFirst, setIsFirst] = useState(true);
  if (isFirst) {
    setIsFirst(false);
    if (range) {
      arrive(range);
    }
  }

  const wanted = useMemo(() => sectionOf(sections, goal?.line ?? 0, last), [sections, goal, last]);
  const folds = useFolds(sections, wanted);
  const rows = useMemo(() => new Rows(log.sections, log.first, folds.isOpen), [log, folds.isOpen]);

  const show = (line: number, align?: Goal["align"]) => {
    const section = sectionOf(sections, line, last);
    if (section) {
      folds.set([section], true);
    }
    arrive({ from: line, to: line }, align);
  };
  const found = useLogSearch(store, log, show);

  /** What is open stays open: it shall not fold away under the eyes of who reads it. */
  const unfollow = () => {
    if (left === null) {
      folds.set(sections.filter(folds.isOpen), true);
      setLeft(store.last);
    }
  };

  return {
    log, rows, folds, range, choose, goal, found, show,
    isFollowing: left === null,
    newLines: left === null ? 0 : Math.max(0, last - left),
    follow: () => setLeft((before) => (wasLive ? null : before)),
    unfollow,
    toggle: (section: Section) => {
      const isOpen = folds.isOpen(section);
      if (!isOpen) {
        unfollow();
      }
      folds.set([section], !isOpen);
    },
  };
}

function sectionOf(sections: readonly Section[], line: number, last: number): Section | undefined {
  return line > 0 && line <= last ? sections.findLast((section) => section.first <= line) : undefined;
}
