import { MOST_IMAGES, type useImages } from "../../operations/useImages";
import { texts } from "../../texts";

/** How many there are, in words. */
export function wordsOf(shown: number, all: ReturnType<typeof useImages>, areMany: boolean): string {
  const total = all.page?.total ?? 0;
  if (!all.isComplete) {
    return texts.images.more(total);
  }
  const known = areMany ? total : (all.items?.length ?? 0);
  return [texts.images.count(shown, known), areMany && texts.images.tooMany(MOST_IMAGES)].filter(Boolean).join(". ");
}
