import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import type { BuildState } from "../api/types";
import { buildsKey, fetchBuildPage, isActive } from "./builds";

const SECONDS = 1000;

export interface BuildsWanted {
  /** Whose; empty: everybody's, as far as one may know of them. */
  owner: string;
  /** Empty: whatever became of them. */
  state: BuildState | "";
  /** Words that occur in them; empty: whatever they hold. */
  q: string;
}

/** Builds, the newest first, a page at a time. What changes is told by events; asking now and then is for where they do not get through. */
export function useBuilds(wanted: BuildsWanted) {
  return useInfiniteQuery({
    queryKey: [...buildsKey, "list", wanted.owner, wanted.state, wanted.q],
    queryFn: ({ signal, pageParam }) => fetchBuildPage(wanted, pageParam, signal),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state: { data } }) => (data?.pages.some(({ items }) => items.some(isActive)) ? 5 : 60) * SECONDS,
  });
}
