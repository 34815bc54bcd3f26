import { useDeferredValue, useMemo } from "react";
import type { Image } from "../../api/types";
import { useLater } from "../../components/useLater";
import { MOST_IMAGES, useImages } from "../../operations/useImages";
import { type Choice, choose } from "./choosing";

const PAUSE = 300;

/** The environments that are looked for: searched here, and by the service where there are too many for that. */
export function useFound(choice: Choice, owner: string) {
  const { q, facet, order } = choice;
  const all = useImages();
  const areMany = (all.page?.total ?? 0) > MOST_IMAGES;
  const asked = useLater(q.trim(), PAUSE);
  const isAsked = areMany && asked !== "";
  const found = useImages(asked, isAsked);
  const images: readonly Image[] | undefined = isAsked ? (found.items ?? all.items) : all.items;
  const error = all.error ?? (isAsked ? found.error : null);
  const refetch = () => [all, ...(isAsked ? [found] : [])].forEach((each) => each.refetch());
  // Typing goes before drawing: a list for a text that has changed meanwhile is not drawn.
  const deferred = useDeferredValue(q);
  const chosen = useMemo(() => images && choose(images, { q: deferred, facet, order }, owner), [images, deferred, facet, order, owner]);
  return { all, chosen, areMany, q: deferred, error, refetch };
}
