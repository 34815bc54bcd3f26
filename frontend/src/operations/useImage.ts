import { useQuery } from "@tanstack/react-query";
import { fetchImage, imagesKey } from "./images";

/** One image. */
export function useImage(id: string) {
  return useQuery({ queryKey: [...imagesKey, id], queryFn: ({ signal }) => fetchImage(id, signal) });
}
