import type { Image } from "../../api/types";
import { fetchImagesOf } from "../../operations/images";
import type { Wish } from "./wish";

/**
 * The newest image of a repository and ref, or null. Where the address says no ref, that of the default branch, and if
 * there is none, of any other. One with build arguments is never it: whoever set those may have changed all that is in it.
 */
export async function fetchNewest({ repo, ref, subdir }: Wish, signal?: AbortSignal): Promise<Image | null> {
  const built = await fetchImagesOf({ repo, ref }, signal);
  const found = built.filter((image) => image.subdir === subdir && image.build_args.length === 0);
  return found.find((image) => ref || image.ref === "HEAD") ?? found[0] ?? null;
}
