import { useCallback, useEffect, useState } from "react";
import { useSearchParams } from "wouter";
import { type Choice, type Facet, FACETS, type Order, ORDERS } from "./choosing";

/** Browsers take few changes of the address in a short time, and people type fast. */
const PAUSE = 250;

/** What is looked for, as the address has it; what is typed gets there a moment later. */
export function useChoice(): [Choice, (change: Partial<Choice>) => void] {
  const [parameters, setParameters] = useSearchParams();
  const inAddress = parameters.get("q") ?? "";
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
    const timer = setTimeout(() => setParameters((now) => changed(now, "q", typed), { replace: true }), PAUSE);
    return () => clearTimeout(timer);
  }, [typed, known, setParameters]);

  const change = useCallback(
    ({ q, facet, order }: Partial<Choice>) => {
      if (q !== undefined) {
        setTyped(q);
      }
      if (facet !== undefined || order !== undefined) {
        setParameters((now) => changed(changed(now, "show", facet), "sort", order), { replace: true });
      }
    },
    [setParameters],
  );
  const choice: Choice = {
    q: typed,
    facet: among(FACETS, parameters.get("show")),
    order: among(ORDERS, parameters.get("sort")),
  };
  return [choice, change];
}

function among<Value extends Facet | Order>(values: readonly Value[], value: string | null): Value {
  return values.find((each) => each === value) ?? values[0]!;
}

/** Other parameters: one of them is something else, unless that is undefined; empty takes it away. */
function changed(parameters: URLSearchParams, name: string, value: string | undefined): URLSearchParams {
  const next = new URLSearchParams(parameters);
  if (value) {
    next.set(name, value);
  } else if (value === "") {
    next.delete(name);
  }
  next.sort();
  return next;
}
