import { useQuery } from "@tanstack/react-query";
import { fetchInfo, infoKey } from "./info";

const MINUTES = 60_000;

/** What this service can do; that changes with its configuration only. */
export function useInfo() {
  return useQuery({ queryKey: infoKey, queryFn: ({ signal }) => fetchInfo(signal), staleTime: 5 * MINUTES });
}
