import { useQuery } from "@tanstack/react-query";
import type { Build } from "../api/types";
import { fetchNamed, imagesKey } from "./images";

/** The image that a build has made; undefined until that is known, and null when it is not there any more. */
export function useImageOf({ image: name, state }: Build) {
  const { data } = useQuery({
    queryKey: [...imagesKey, "named", name],
    queryFn: ({ signal }) => fetchNamed(name, signal),
    enabled: state === "succeeded",
  });
  return data;
}
