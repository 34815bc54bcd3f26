/** What an address asks to launch; whatever it does not say is empty. */
export interface Wish {
  /** An image's id; then repository, ref and folder do not matter. */
  image: string;
  repo: string;
  ref: string;
  subdir: string;
  path: string;
  profile: string;
}

export function wishOf(asked: URLSearchParams): Wish {
  const value = (name: string) => (asked.get(name) ?? "").trim();
  return {
    image: value("image"),
    repo: value("repo"),
    ref: value("ref"),
    subdir: value("subdir"),
    path: value("path"),
    profile: value("profile"),
  };
}

/** The repository and its version as people say it. */
export function spoken({ repo, ref }: { repo: string; ref: string }): string {
  const address = repo.replace(/^https?:\/\//, "").replace(/\.git$/, "");
  return ref && ref !== "HEAD" ? `${address} (${ref})` : address;
}
