import { useQuery } from "@tanstack/react-query";
import type { Build } from "../api/types";
import { fetchBuild } from "./builds";

/** What the log of a failed build tells of why; asked for once, as lists tell it only where somebody has asked. */
export function useCause(build: Build) {
  const { data } = useQuery({
    queryKey: ["causes", build.id],
    queryFn: async ({ signal }) => (await fetchBuild(build.id, signal)).cause ?? null,
    enabled: build.state === "failed" && !build.cause,
    staleTime: Infinity,
    retry: false,
  });
  return build.cause ?? data ?? null;
}
