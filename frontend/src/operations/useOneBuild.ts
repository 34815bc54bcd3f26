import { useQuery } from "@tanstack/react-query";
import type { Build } from "../api/types";
import { buildsKey, fetchBuild, isActive, noLessFar } from "./builds";

const SECONDS = 1000;

/**
 * One build of which only the id is known. Its stream tells what changes at once; this asks now and then all the same, also
 * in a hidden tab, whose title says how it goes.
 */
export function useOneBuild(id: string) {
  return useQuery({
    queryKey: [...buildsKey, id],
    queryFn: async ({ client, queryKey, signal }) => {
      const now = await fetchBuild(id, signal);
      return noLessFar(client.getQueryData<Build>(queryKey), now);
    },
    refetchInterval: ({ state: { data } }) => (data && isActive(data) ? (data.state === "queued" ? 3 : 10) * SECONDS : false),
    refetchIntervalInBackground: true,
  });
}
