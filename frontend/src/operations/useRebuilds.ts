import { useQuery } from "@tanstack/react-query";
import { adminKey, fetchRebuilds } from "./admin";

const SECONDS = 1000;

/** The outdated images; asked for again soon while some are built again. */
export function useRebuilds() {
  return useQuery({
    queryKey: [...adminKey, "rebuilds"],
    queryFn: ({ signal }) => fetchRebuilds(signal),
    refetchInterval: ({ state: { data } }) => (data?.under_way ? 5 : 60) * SECONDS,
  });
}
