import { useEffect, useState } from "react";
import { useSearchParams } from "wouter";

/** Browsers take few changes of the address in a short time, and people type fast. */
const PAUSE = 250;

/** What is typed into a field that the address has too, under this name: it gets there a moment later. */
export function useTyped(name: string): [string, (typed: string) => void] {
  const [parameters, setParameters] = useSearchParams();
  const inAddress = parameters.get(name) ?? "";
  const [typed, setTyped] = useState(inAddress);
  const [known, setKnown] = useState(inAddress);
  if (inAddress !== known) {
    // Somebody went to another address, or what was typed has got there.
    setKnown(inAddress);
    setTyped(inAddress);
  }

  useEffect(() => {
    if (typed === known) {
      return undefined;
    }
    const timer = setTimeout(() => setParameters((now) => changed(now, name, typed), { replace: true }), PAUSE);
    return () => clearTimeout(timer);
  }, [name, typed, known, setParameters]);

  return [typed, setTyped];
}

/** Other parameters: one of them is something else, unless that is undefined; empty takes it away. */
export function changed(parameters: URLSearchParams, name: string, value: string | undefined): URLSearchParams {
  const next = new URLSearchParams(parameters);
  if (value) {
    next.set(name, value);
  } else if (value === "") {
    next.delete(name);
  }
  next.sort();
  return next;
}
