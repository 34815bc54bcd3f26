import type { Image } from "../api/types";
import { size } from "./size";

/** How large images are together, in words; one that has several names counts once. Empty where nothing is known of it. */
export function sizeTogether(images: readonly Image[]): string {
  const sizes = new Map(images.map((image) => [image.digest, image.size]));
  const bytes = [...sizes.values()].reduce((sum, each) => sum + each, 0);
  return bytes > 0 ? size(bytes) : "";
}
