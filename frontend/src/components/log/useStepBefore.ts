import { useQuery } from "@tanstack/react-query";
import type { Build } from "../../api/types";
import { fetchBuildPage } from "../../operations/builds";
import { LogStore } from "./LogStore";
import { readLog } from "./readLog";
import type { Section } from "./section";

/** How many seconds a step took in the latest build of the same repository in which it was done; undefined while nobody knows. */
export function useStepBefore(build: Build, { kind, title }: Section): number | undefined {
  const { data } = useQuery({
    queryKey: ["steps-before", build.repo, build.subdir],
    queryFn: ({ signal }) => latestSteps(build, signal),
    enabled: kind === "step",
    staleTime: Infinity,
    retry: false,
  });
  return data?.get(title);
}

async function latestSteps({ repo, subdir }: Build, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
  const { items } = await fetchBuildPage({ owner: "", state: "succeeded", q: repo }, "", signal);
  const before = items.find((each) => each.repo === repo && each.subdir === subdir);
  const store = new LogStore();
  if (before) {
    await readLog(before, store, signal);
  }
  const done = store.snapshot().sections.filter(({ work }) => work.state === "done" && work.seconds !== null);
  return new Map(done.map(({ title, work }) => [title, work.seconds!]));
}
