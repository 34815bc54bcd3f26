import { useQuery } from "@tanstack/react-query";
import type { Image } from "../api/types";
import { fetchImagesOf, imagesKey } from "./images";

/** What else is built of the repository and folder of an image, the newest first; nothing while that is not known. */
export function useOtherVersions({ id, repo, subdir }: Image): readonly Image[] {
  const { data } = useQuery({
    queryKey: [...imagesKey, "of", repo],
    queryFn: ({ signal }) => fetchImagesOf({ repo }, signal),
  });
  return (data ?? []).filter((other) => other.id !== id && other.subdir === subdir);
}
