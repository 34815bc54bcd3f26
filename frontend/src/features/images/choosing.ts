import type { Image } from "../../api/types";
import { nameOf } from "../../components/forge";
import { nameIn } from "../../components/spokenOwner";

export type Facet = "" | "mine" | "shared" | "featured" | "outdated" | "private";
export type Order = "" | "newest" | "oldest" | "name" | "size";

export const FACETS: readonly Facet[] = ["", "mine", "shared", "featured", "outdated", "private"];
export const ORDERS: readonly Order[] = ["", "newest", "oldest", "name", "size"];

/** Which environments are wanted, and in which order. */
export interface Choice {
  /** Words that all occur in name, address, ref, title, description or the owner's name. */
  q: string;
  facet: Facet;
  order: Order;
}

/** Those that are wanted, in order; `owner` is who looks. */
export function choose(images: readonly Image[], { q, facet, order }: Choice, owner: string): readonly Image[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const isMine = (image: Image) => image.owner === owner || image.requested_by === owner;
  const isOfFacet: Readonly<Record<Facet, (image: Image) => boolean>> = {
    "": () => true,
    mine: isMine,
    shared: (image) => !isMine(image) && !image.private,
    featured: (image) => image.featured || image.default,
    outdated: (image) => image.outdated !== "",
    private: (image) => image.private,
  };
  return images
    .filter((image) => isOfFacet[facet](image) && (words.length === 0 || holds(image, words)))
    .sort(comparison(order, isMine));
}

function holds(image: Image, words: readonly string[]): boolean {
  const text = textOf(image);
  return words.every((word) => text.includes(word));
}

const known = new WeakMap<Image, string>();

/** What is searched of an image; put together once, as people type many letters. */
function textOf(image: Image): string {
  const text =
    known.get(image) ??
    [image.name, image.repo, image.ref, image.commit, image.subdir, image.title, image.description, nameIn(image.owner)].join(" ").toLowerCase();
  known.set(image, text);
  return text;
}

const newest = (one: Image, other: Image) => other.created_at.localeCompare(one.created_at);
const byName = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

function comparison(order: Order, isMine: (image: Image) => boolean): (one: Image, other: Image) => number {
  const rank = (image: Image) => {
    if (image.launchable === false || image.changed_outside) {
      return 0;
    }
    return 1 + (image.default ? 4 : 0) + (image.featured ? 2 : 0) + (isMine(image) ? 1 : 0);
  };
  switch (order) {
    case "newest":
      return newest;
    case "oldest":
      return (one, other) => newest(other, one);
    case "name":
      return (one, other) => byName.compare(nameOf(one), nameOf(other)) || newest(one, other);
    case "size":
      return (one, other) => other.size - one.size || newest(one, other);
    default:
      // What can be started first, of that what the administrators want to be seen, then one's own.
      return (one, other) => rank(other) - rank(one) || newest(one, other);
  }
}
