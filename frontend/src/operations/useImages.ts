import { useQuery } from "@tanstack/react-query";
import { fetchImages, imagesKey } from "./images";

export function useImages() {
  return useQuery({
    queryKey: imagesKey,
    queryFn: ({ signal }) => fetchImages(signal),
    refetchInterval: 5000,
  });
}
