import { useQuery } from "@tanstack/react-query";
import { fetchImage, fetchNamed, imagesKey } from "../../operations/images";
import { fetchNewest } from "./api";
import type { Wish } from "./wish";

/** The image that would start, or null where nothing is built; one that was chosen by name since then goes first. */
export function useChosenImage(wish: Wish, name: string) {
  return useQuery({
    queryKey: [...imagesKey, "chosen", wish.image, wish.repo, wish.ref, wish.subdir, name],
    queryFn: ({ signal }) => {
      if (name) {
        return fetchNamed(name, signal);
      }
      return wish.image ? fetchImage(wish.image, signal) : fetchNewest(wish, signal);
    },
    enabled: Boolean(name || wish.image || wish.repo),
    placeholderData: (before) => before,
  });
}
