import { useQuery } from "@tanstack/react-query";
import { lookUp } from "./api";
import type { Wish } from "./wish";

/** What the repository holds now. One try: what is built can be started whatever comes of it. */
export function useNewest(wish: Wish, enabled: boolean) {
  return useQuery({
    queryKey: ["source", wish.repo, wish.ref, wish.subdir],
    queryFn: () => lookUp(wish),
    enabled,
    retry: false,
    staleTime: Infinity,
  });
}
