import { useQuery } from "@tanstack/react-query";
import { get } from "../api/client";
import type { Build, ImagePage } from "../api/types";
import { imagesKey } from "./images";

/** The image that a build has made; undefined until that is known, and null when it is not there any more. */
export function useImageOf({ image: name, state }: Build) {
  const { data } = useQuery({
    queryKey: [...imagesKey, "named", name],
    queryFn: async ({ signal }) => (await get<ImagePage>(`api/v1/images?${new URLSearchParams({ name })}`, signal)).items[0] ?? null,
    enabled: state === "succeeded",
  });
  return data;
}
