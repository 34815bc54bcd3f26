import { useCallback, useState } from "react";
import type { Section } from "./section";

export interface Folds {
  isOpen: (section: Section) => boolean;
  /** Open or close it, as somebody wants it: from then on it stays so. */
  set: (sections: readonly Section[], open: boolean) => void;
}

/**
 * Which sections are unfolded: the last one, those at work and those that failed, and whatever somebody unfolded. So one
 * that is done folds away by itself, unless somebody has touched it.
 */
export function useFolds(sections: readonly Section[], wanted: Section | undefined): Folds {
  const [touched, setTouched] = useState<ReadonlyMap<number, boolean>>(new Map());
  const isOpen = useCallback(
    (section: Section) =>
      touched.get(section.first) ??
      (section === wanted ||
        section === sections.at(-1) ||
        section.work.state === "running" ||
        section.work.state === "failed"),
    [touched, wanted, sections],
  );
  const set = useCallback((some: readonly Section[], open: boolean) => {
    setTouched((before) => new Map([...before, ...some.map(({ first }) => [first, open] as const)]));
  }, []);
  return { isOpen, set };
}
