import { useQuery } from "@tanstack/react-query";
import { adminKey, fetchLeftovers } from "./admin";

/** What would be collected, looked at whenever somebody wants to see it. */
export function useLeftovers(isWanted: boolean) {
  return useQuery({
    queryKey: [...adminKey, "leftovers"],
    queryFn: ({ signal }) => fetchLeftovers(signal),
    enabled: isWanted,
    refetchOnWindowFocus: false,
  });
}
