/** What the address of a page says. Whatever it does not say is empty. */
export interface Parts {
  /** The address of the repository, by http or https. */
  repo: string;
  /** Branch, tag or commit, where it is certain where its name ends. */
  ref: string;
  /** Otherwise a ref and a path, one after the other: names of branches hold slashes, and only the repository knows which. */
  rest: readonly string[];
  /** A file or folder in the repository. */
  path: string;
  /** Whether the path is known to be a folder. */
  isFolder: boolean;
}

type Found = Partial<Omit<Parts, "repo">>;

const COMMIT = /^[0-9a-f]{40}$/i;
/** What follows owner and name on pages of GitHub, Gitea, Forgejo and Bitbucket, and what follows `/-/` on those of GitLab. */
const PAGES: Readonly<Record<string, (rest: readonly string[], at: string) => Found>> = {
  tree: (rest) => inTree(rest, true),
  blob: (rest) => inTree(rest, false),
  raw: (rest) => inSource(rest, false),
  blame: (rest) => inTree(rest, false),
  edit: (rest) => inTree(rest, false),
  src: (rest, at) => (at ? { ref: at, path: join(rest.slice(1)), isFolder: !isFile(rest) } : inSource(rest, true)),
  media: (rest) => inSource(rest, false),
  branch: (rest) => ({ ref: join(rest) }),
  tag: (rest) => ({ ref: join(rest) }),
  tags: (rest) => ({ ref: join(rest) }),
  commit: ([commit = ""]) => ({ ref: commit }),
  commits: (rest) => (rest[0] === "tag" || rest[0] === "branch" ? { ref: join(rest.slice(1)) } : commitsOf(rest)),
  releases: ([kind, ...tag]) => ({ ref: join(kind === "tag" ? tag : kind === "download" ? tag.slice(0, 1) : kind === undefined ? [] : [kind, ...tag]) }),
  pull: ([number = "", kind, commit = ""]) => ({ ref: kind === "commits" && commit ? commit : `refs/pull/${number}/head` }),
  pulls: ([number]) => (number ? { ref: `refs/pull/${number}/head` } : {}),
  merge_requests: ([number]) => (number ? { ref: `refs/merge-requests/${number}/head` } : {}),
};
const NOTHING: Omit<Parts, "repo"> = { ref: "", rest: [], path: "", isFolder: false };

/** Take the path of a page of a forge apart. */
export function partsOf(url: URL): Parts {
  const parts = url.pathname.split("/").filter(Boolean).map(readable);
  if (url.hostname === "raw.githubusercontent.com" && parts.length > 2) {
    url.hostname = "github.com";
    return { ...NOTHING, repo: repository(url, parts.slice(0, 2)), ...inTree(parts.slice(2), false) };
  }
  const end = endOfRepository(url.hostname, parts);
  const [kind = "", ...rest] = parts.slice(parts[end] === "-" ? end + 1 : end);
  const at = url.searchParams.get("at")?.replace(/^refs\/(?:heads|tags)\//, "") ?? "";
  const page = Object.hasOwn(PAGES, kind) ? PAGES[kind]!(rest, at) : {};
  return { ...NOTHING, repo: repository(url, parts.slice(0, end)), ...page };
}

/** How many parts of the path are those of the repository. */
function endOfRepository(host: string, parts: readonly string[]): number {
  const dash = parts.indexOf("-");
  if (dash > 0) {
    return dash;
  }
  const alwaysTwo = ["github.com", "bitbucket.org", "codeberg.org"].includes(host);
  const git = (alwaysTwo ? parts.slice(0, 2) : parts).findIndex((part) => part.endsWith(".git"));
  if (git >= 0) {
    return git + 1;
  }
  const isPage = (part: string, index: number) => index >= 2 && Object.hasOwn(PAGES, part) && index < parts.length - 1;
  // On GitLab there may be groups in groups; its old addresses had no dash.
  if (/(^|\.)gitlab\./.test(host)) {
    const page = parts.findIndex(isPage);
    return page < 0 ? parts.length : page;
  }
  const hasTwo = alwaysTwo || isPage(parts[2] ?? "", 2);
  return hasTwo ? Math.min(2, parts.length) : parts.length;
}

/** Without `.git` where it is known to mean nothing. */
function repository(url: URL, parts: readonly string[]): string {
  const path = parts.map((part) => encodeURIComponent(part).replace(/%(?:40|2B|2C|3A|3B|3D|24|26)/g, decodeURIComponent)).join("/");
  const isKnown = /^(?:www\.)?(?:github\.com|gitlab\.com|bitbucket\.org|codeberg\.org)$/.test(url.hostname);
  url.hostname = isKnown ? url.hostname.replace(/^www\./, "") : url.hostname;
  return isKnown ? path.replace(/\.git$/, "") : path;
}

/** A ref and what is below it; the ref is certain where it is a commit, or said to be the name of a branch or tag alone. */
function inTree(rest: readonly string[], isTree: boolean): Found {
  const [first = "", kind = ""] = rest;
  const named = first === "refs" && (kind === "heads" || kind === "tags") ? rest.slice(2) : rest;
  if (COMMIT.test(named[0] ?? "") || named.length === 1) {
    const below = named.slice(1);
    return { ref: named[0]!, path: join(below), isFolder: isTree && below.length > 0 && !isFile(below) };
  }
  return { rest: named, isFolder: isTree && !isFile(named) };
}

/** Gitea says of what kind the ref is, Bitbucket does not. */
function inSource([kind = "", ...rest]: readonly string[], isTree: boolean): Found {
  if (kind === "commit") {
    return inTree(rest, isTree);
  }
  return inTree(kind === "branch" || kind === "tag" ? rest : kind ? [kind, ...rest] : [], isTree);
}

const commitsOf = (rest: readonly string[]): Found => (rest.length > 0 ? inTree(rest, true) : {});

const join = (parts: readonly string[]) => parts.join("/");
const isFile = (parts: readonly string[]) => /\.[A-Za-z]\w{0,7}$/.test(parts.at(-1) ?? "");

function readable(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
