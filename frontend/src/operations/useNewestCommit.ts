import { useQuery } from "@tanstack/react-query";
import type { Build } from "../api/types";
import { lookUp } from "./source";

/** The commit that the ref of a build stands for now; undefined until that is known, and where it cannot be. */
export function useNewestCommit({ repo, ref, subdir, commit }: Build, isWanted: boolean) {
  const { data } = useQuery({
    queryKey: ["newest", repo, ref, subdir],
    queryFn: async () => (await lookUp({ repo, ref, ...(subdir && { subdir }) })).commit,
    enabled: isWanted && ref !== commit,
    staleTime: 60_000,
    retry: false,
  });
  return data;
}
