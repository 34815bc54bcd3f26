import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Image } from "../api/types";
import { fetchImagePage, fetchRest, imagesKey } from "./images";

const MINUTES = 60_000;
/** So many are kept and searched here; among more the service searches. */
export const MOST_IMAGES = 2000;

/** All images, or those in which the words occur: the first ones at once, the others as they come. */
export function useImages(q = "", enabled = true) {
  const first = useQuery({
    queryKey: [...imagesKey, "first", q],
    queryFn: ({ signal }) => fetchImagePage(q, "", signal),
    placeholderData: keepPreviousData,
    refetchInterval: 1 * MINUTES, // what changes is told by events; this is for where they do not get through
    enabled,
  });
  const cursor = first.data?.next ?? "";
  const rest = useQuery({
    queryKey: [...imagesKey, "rest", q, cursor],
    queryFn: ({ signal }) => fetchRest(q, cursor, MOST_IMAGES - (first.data?.items.length ?? 0), signal),
    placeholderData: keepPreviousData,
    enabled: enabled && cursor !== "",
  });
  const page = first.data;
  const others = cursor ? rest.data : undefined;
  const items = useMemo(() => page && onceEach([...page.items, ...(others ?? [])]), [page, others]);
  return {
    page,
    items,
    isComplete: !!page && (!cursor || !!others),
    error: first.error ?? (cursor ? rest.error : null),
    refetch: () => void Promise.all([first.refetch(), ...(cursor ? [rest.refetch()] : [])]),
  };
}

/** What moved to another page meanwhile may come twice. */
function onceEach(images: readonly Image[]): readonly Image[] {
  return [...new Map(images.map((image) => [image.id, image])).values()];
}
