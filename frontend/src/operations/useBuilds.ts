import { useQuery } from "@tanstack/react-query";
import { buildsKey, fetchBuilds, isActive } from "./builds";

const SECONDS = 1000;

/** The builds, asked for again soon while one of them is under way. */
export function useBuilds() {
  return useQuery({
    queryKey: buildsKey,
    queryFn: ({ signal }) => fetchBuilds(signal),
    refetchInterval: ({ state }) => (state.data?.items.some(isActive) ? 2 : 15) * SECONDS,
  });
}
