import { useQuery } from "@tanstack/react-query";
import type { Summary } from "../api/types";
import { adminKey, fetchSummary } from "./admin";

const SECONDS = 1000;

/** The whole service at a glance; looked at again soon while something is built. */
export function useSummary() {
  return useQuery({
    queryKey: [...adminKey, "summary"],
    queryFn: ({ signal }) => fetchSummary(signal),
    refetchInterval: ({ state: { data } }) => (isBusy(data) ? 5 : 30) * SECONDS,
  });
}

const isBusy = (summary: Summary | undefined) => !!summary?.builds && summary.builds.queued + summary.builds.building + summary.builds.pushing > 0;
