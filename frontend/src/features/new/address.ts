import { type Parts, partsOf } from "./forgePages";

/** What an address stands for. */
export interface Place extends Parts {
  /** Whether a password stood in the address; it is not in the place. */
  hadPassword: boolean;
}

export type Address = { kind: "nothing" } | { kind: "doi"; doi: string } | { kind: "unreadable" } | { kind: "place"; place: Place };

const DOI = /^(?:doi:\s*|https?:\/\/(?:dx\.)?doi\.org\/)?(10\.\d{4,9}\/\S+)$/i;
/** `git@host:path`, as scp has it; a port would make it an address of another kind. */
const SCP = /^(?:[\w.-]+@)([\w.-]+):(?!\/\/)\/?(\S+)$/;
const OTHER_SCHEME = /^(?:git\+)?(?:ssh|git|git\+https?):\/\//i;
const ON_GITHUB = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\/[\w.-]+$/;
const HOST = /^(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?\//i;

/** What forges call what opens a private file, behind its address. */
const SECRET = /token|secret|password|signature|key/i;

/** Understand what somebody has pasted: the address of a repository in any of its forms, or of a page that shows one. */
export function readAddress(text: string): Address {
  const given = bare(text);
  if (given === "") {
    return { kind: "nothing" };
  }
  const doi = DOI.exec(given)?.[1];
  if (doi) {
    return { kind: "doi", doi };
  }
  const url = asUrl(given);
  if (!url || url.pathname.replaceAll("/", "") === "") {
    return { kind: "unreadable" };
  }
  const hadPassword = url.password !== "" || isToken(url.username) || [...url.searchParams.keys()].some((name) => SECRET.test(name));
  const { repo: path, ...others } = partsOf(url);
  const repo = `${url.protocol}//${url.host}/${path}`;
  // Without its ".git", a name may be empty, or one that leads elsewhere: "..".
  return new URL(repo).href === repo && !repo.endsWith("/") ? { kind: "place", place: { repo, ...others, hadPassword } } : { kind: "unreadable" };
}

/** What is left without what people copy along. */
function bare(text: string): string {
  return text
    .trim()
    .replace(/^git\s+clone\s+/i, "")
    .replace(/^["'<`]+|["'>`]+$/g, "")
    .trim();
}

function asUrl(given: string): URL | null {
  const address = withScheme(given);
  if (address === null || /\s/.test(address) || !URL.canParse(address)) {
    return null;
  }
  const url = new URL(address);
  return url.hostname.includes(".") || url.hostname === "localhost" || /^https?:/i.test(given) ? url : null;
}

function withScheme(given: string): string | null {
  if (/^https?:\/\//i.test(given)) {
    return given;
  }
  if (OTHER_SCHEME.test(given)) {
    // The port is that of another protocol.
    return given.replace(OTHER_SCHEME, "https://").replace(/^(https:\/\/(?:[^/@]*@)?[^/:]+):\d+/, "$1").replace(/^(https:\/\/)git@/, "$1");
  }
  const scp = SCP.exec(given);
  if (scp) {
    return `https://${scp[1]}/${scp[2]}`;
  }
  if (ON_GITHUB.test(given)) {
    return `https://github.com/${given}`;
  }
  return HOST.test(given) ? `https://${given}` : null;
}

/** Forges let a token stand where the name would; a short word is somebody's name. */
const isToken = (name: string) => name.length >= 20;
