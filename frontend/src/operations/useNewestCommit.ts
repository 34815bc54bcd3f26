import { useQuery } from "@tanstack/react-query";
import { post } from "../api/client";
import type { Build, Source } from "../api/types";

/** The commit that the ref of a build stands for now; undefined until that is known, and where it cannot be. */
export function useNewestCommit({ repo, ref, subdir, commit }: Build, isWanted: boolean) {
  const { data } = useQuery({
    queryKey: ["newest", repo, ref, subdir],
    queryFn: async () => (await post<Source>("api/v1/source", { repo, ref, ...(subdir && { subdir }) })).commit,
    enabled: isWanted && ref !== commit,
    staleTime: 60_000,
    retry: false,
  });
  return data;
}
