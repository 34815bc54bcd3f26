import { texts } from "../texts";

/** The branch or tag as people say it; nothing where a commit was asked for, which is shown anyway. */
export function spokenRef({ ref, commit }: { ref: string; commit: string }): string {
  if (ref === "HEAD") {
    return texts.images.defaultBranch;
  }
  return ref === commit ? "" : ref;
}
