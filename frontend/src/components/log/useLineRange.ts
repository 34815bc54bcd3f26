import { useEffect, useState } from "react";
import { hashOf, type LineRange, rangeOf } from "./lineRange";

/** Browsers refuse an address that changes with every press of a key that is held down. */
const CALM = 200;

/**
 * The lines that are marked. Where the log is linked they are those of the address, both ways; `onArrival` is told of
 * those that an address brings, so that they are shown.
 */
export function useLineRange(isLinked: boolean, onArrival: (range: LineRange) => void) {
  const [range, setRange] = useState(() => (isLinked ? rangeOf(window.location.hash) : null));

  useEffect(() => {
    const arrive = () => {
      const arrived = rangeOf(window.location.hash);
      setRange(arrived);
      if (arrived) {
        onArrival(arrived);
      }
    };
    if (isLinked) {
      window.addEventListener("hashchange", arrive);
    }
    return () => window.removeEventListener("hashchange", arrive);
  }, [isLinked, onArrival]);

  useEffect(() => {
    const { pathname, search, hash } = window.location;
    const wanted = range ? hashOf(range) : "";
    if (!isLinked || hash === wanted || (!range && !rangeOf(hash))) {
      return undefined;
    }
    const timer = setTimeout(() => window.history.replaceState(window.history.state, "", pathname + search + wanted), CALM);
    return () => clearTimeout(timer);
  }, [isLinked, range]);

  return [range, setRange] as const;
}
