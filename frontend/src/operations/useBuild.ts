import { useQuery } from "@tanstack/react-query";
import type { Build } from "../api/types";
import { buildsKey, fetchBuild, isActive } from "./builds";

const SECONDS = 1000;

/** One build as it goes on, from what is known of it to its end. */
export function useBuild(known: Build) {
  return useQuery({
    queryKey: [...buildsKey, known.id],
    queryFn: ({ signal }) => fetchBuild(known.id, signal),
    initialData: known,
    enabled: ({ state }) => !state.data || isActive(state.data),
    refetchInterval: 1 * SECONDS,
  });
}
