import { useDeferredValue, useMemo, useState } from "react";
import { LogSearch } from "./LogSearch";
import type { LogState, LogStore } from "./LogStore";

export interface Found {
  words: string;
  setWords: (words: string) => void;
  pattern: RegExp | null;
  hits: readonly number[];
  /** Whether the hits are those of the words: they are looked for when there is time. */
  isDone: boolean;
  /** Which of the hits it is, from 0. */
  place: number;
  /** Go to the next or the one before, and around at the end. */
  go: (step: 1 | -1) => void;
}

/** Search in the whole log. `onHit` is told of the line that is to be shown. */
export function useLogSearch(store: LogStore, log: LogState, onHit: (line: number) => void): Found {
  const [words, setWords] = useState("");
  const [place, setPlace] = useState(0);
  const wanted = useDeferredValue(words);
  const search = useMemo(() => new LogSearch(wanted), [wanted]);
  const { first, last } = log;
  const hits = search.in({ first, last, line: (number) => store.line(number) });

  // Other words are another search, which begins at its first hit.
  const [shown, setShown] = useState(search);
  if (shown !== search) {
    setShown(search);
    setPlace(0);
    if (hits.length > 0) {
      onHit(hits[0]!);
    }
  }

  const go = (step: 1 | -1) => {
    if (hits.length > 0) {
      const next = (place + step + hits.length) % hits.length;
      setPlace(next);
      onHit(hits[next]!);
    }
  };
  return { words, setWords, pattern: search.pattern, hits, isDone: wanted === words, place, go };
}
