import { useCallback } from "react";
import { useSearchParams } from "wouter";
import { changed, useTyped } from "../../components/useTyped";
import { type Choice, type Facet, FACETS, type Order, ORDERS } from "./choosing";

/** What is looked for, as the address has it; what is typed gets there a moment later. */
export function useChoice(): [Choice, (change: Partial<Choice>) => void] {
  const [parameters, setParameters] = useSearchParams();
  const [typed, setTyped] = useTyped("q");
  const change = useCallback(
    ({ q, facet, order }: Partial<Choice>) => {
      if (q !== undefined) {
        setTyped(q);
      }
      if (facet !== undefined || order !== undefined) {
        setParameters((now) => changed(changed(now, "show", facet), "sort", order), { replace: true });
      }
    },
    [setParameters, setTyped],
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
