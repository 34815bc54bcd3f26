import type { Image } from "../api/types";

/** Where an image is built again by hand: what opens a private repository is not kept. */
export function formAddress({ repo, ref, subdir, title, description }: Image): string {
  const known = { repo, ref: ref === "HEAD" ? "" : ref, subdir, title, description };
  return `/new?${new URLSearchParams(Object.entries(known).filter(([, value]) => value))}`;
}
