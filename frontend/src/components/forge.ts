/** The address without its scheme, as people say it. */
export const spokenAddress = (repo: string) => repo.replace(/^https?:\/\//, "").replace(/\/$/, "").replace(/\.git$/, "");

/** The last two parts of an address: `owner/name`. */
export const shortName = (repo: string) => spokenAddress(repo).split("/").slice(-2).join("/");

/** What people know an environment by. */
export const nameOf = ({ title, repo }: { title: string; repo: string }) => title || shortName(repo);

/** What follows the repository's address on pages of a forge, before a commit. */
interface Pages {
  commit: string;
  file: string;
  folder: string;
}

const FORGES: Readonly<Record<string, Pages>> = {
  "github.com": { commit: "/commit/", file: "/blob/", folder: "/tree/" },
  "gitlab.com": { commit: "/-/commit/", file: "/-/blob/", folder: "/-/tree/" },
  "bitbucket.org": { commit: "/commits/", file: "/src/", folder: "/src/" },
  "codeberg.org": { commit: "/commit/", file: "/src/commit/", folder: "/src/commit/" },
};

/** Where browsers see a commit; undefined where it is not known how the server of the repository shows one. */
export const commitAddress = (repo: string, commit: string) => pageAddress(repo, "commit", commit);

/** Where browsers see a file or folder as it is at a commit; undefined likewise. */
export function pathAddress(repo: string, kind: "file" | "folder", commit: string, path: string): string | undefined {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return pageAddress(repo, kind, [commit, ...parts.map(encodeURIComponent)].join("/"));
}

function pageAddress(repo: string, kind: keyof Pages, rest: string): string | undefined {
  if (!URL.canParse(repo)) {
    return undefined;
  }
  const { protocol, hostname, pathname } = new URL(repo);
  const pages = protocol === "https:" ? FORGES[hostname] : undefined;
  return pages && `https://${hostname}${pathname.replace(/\/$/, "").replace(/\.git$/, "")}${pages[kind]}${rest}`;
}
