/** The address without its scheme, as people say it. */
export const spokenAddress = (repo: string) => repo.replace(/^https?:\/\//, "").replace(/\/$/, "").replace(/\.git$/, "");

/** The last two parts of an address: `owner/name`. */
export const shortName = (repo: string) => spokenAddress(repo).split("/").slice(-2).join("/");

/** What people know an environment by. */
export const nameOf = ({ title, repo }: { title: string; repo: string }) => title || shortName(repo);

const COMMITS: Readonly<Record<string, string>> = {
  "github.com": "/commit/",
  "gitlab.com": "/-/commit/",
  "bitbucket.org": "/commits/",
  "codeberg.org": "/commit/",
};

/** Where browsers see a commit; undefined where it is not known how the server of the repository shows one. */
export function commitAddress(repo: string, commit: string): string | undefined {
  if (!URL.canParse(repo)) {
    return undefined;
  }
  const { protocol, hostname, pathname } = new URL(repo);
  const way = protocol === "https:" ? COMMITS[hostname] : undefined;
  return way && `https://${hostname}${pathname.replace(/\/$/, "").replace(/\.git$/, "")}${way}${commit}`;
}
