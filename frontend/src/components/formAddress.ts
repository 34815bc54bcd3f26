import type { Build } from "../api/types";
import { groupOf } from "./groupOf";
import { withQuery } from "./withQuery";

type Known = Pick<Build, "repo" | "ref" | "subdir" | "title" | "description" | "owner">;

/** Where an image, or that of a build, is built again by hand, and then started so: what opens a private repository is not kept. */
export function formAddress({ repo, ref, subdir, title, description, owner }: Known, wish: Readonly<Record<string, string>> = {}): string {
  return withQuery("/new", { repo, ref: ref === "HEAD" ? "" : ref, subdir, title, description, owner: groupOf(owner), ...wish });
}
