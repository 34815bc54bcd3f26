import { useEffect, useRef, useState } from "react";

/** Nobody is talked over. */
const BETWEEN = 5000;

/** What a screen reader is to say: the latest words, but at most once in five seconds. */
export function useSpoken(words: string): string {
  const [spoken, setSpoken] = useState("");
  const at = useRef(0);
  useEffect(() => {
    const timer = setTimeout(
      () => {
        at.current = Date.now();
        setSpoken(words);
      },
      words === spoken ? 0 : Math.max(300, at.current + BETWEEN - Date.now()),
    );
    return () => clearTimeout(timer);
  }, [words, spoken]);
  return spoken;
}
