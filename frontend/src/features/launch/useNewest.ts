import { useQuery } from "@tanstack/react-query";
import { lookUp } from "../../operations/source";
import type { Wish } from "./wish";

/** What the repository holds now. One try: what is built can be started whatever comes of it. */
export function useNewest({ repo, ref, subdir }: Wish, enabled: boolean) {
  return useQuery({
    queryKey: ["source", repo, ref, subdir],
    queryFn: () => lookUp({ repo, ...(ref && { ref }), ...(subdir && { subdir }) }),
    enabled,
    retry: false,
    staleTime: Infinity,
  });
}
