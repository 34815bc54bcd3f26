import { useCallback, useMemo, useState } from "react";
import type { Image, Me } from "../../api/types";
import { mayDelete } from "../../operations/rights";

const NOBODY: readonly Image[] = [];

/** Which environments are selected, of those that are there and that somebody may change. */
export function useSelection(images: readonly Image[] = NOBODY, me: Me) {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const select = useCallback(
    (changed: readonly string[], isSelected: boolean) =>
      setIds((known) => {
        const next = new Set(known);
        for (const id of changed) {
          if (isSelected) {
            next.add(id);
          } else {
            next.delete(id);
          }
        }
        return next;
      }),
    [],
  );
  const clear = useCallback(() => setIds(new Set()), []);
  const selectable = useMemo(() => new Set(images.filter((image) => mayDelete(me, image)).map(({ id }) => id)), [images, me]);
  const selected = useMemo(() => images.filter(({ id }) => ids.has(id) && selectable.has(id)), [images, ids, selectable]);
  return { ids, selectable, selected, select, clear };
}
