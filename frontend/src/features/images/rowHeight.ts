import type { Image } from "../../api/types";

/** Where rows become cards, in pixels. */
const NARROW = 768;
/** Letters of a description that fit on a line. */
const LINE = { wide: 70, narrow: 45 };

/** How high the row of an environment will be, nearly: so that the list has its length before all of it was seen. */
export function rowHeight(image: Image): number {
  const isNarrow = window.innerWidth < NARROW;
  const lines = Math.min(2, Math.ceil(image.description.length / (isNarrow ? LINE.narrow : LINE.wide)));
  const hasBadges =
    image.featured ||
    image.default ||
    image.protected ||
    image.private ||
    image.outdated !== "" ||
    image.changed_outside === true ||
    image.build_args.length > 0;
  return 65 + 20 * lines + (hasBadges ? 28 : 0) + (isNarrow ? 122 : 0);
}
