import { useQuery } from "@tanstack/react-query";
import { adminKey, fetchSummary } from "./admin";

const SECONDS = 1000;

/** The whole service at a glance. */
export function useSummary() {
  return useQuery({
    queryKey: [...adminKey, "summary"],
    queryFn: ({ signal }) => fetchSummary(signal),
    refetchInterval: 30 * SECONDS,
  });
}
