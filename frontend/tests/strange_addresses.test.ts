import { expect, test } from "@jest/globals";
import { type Place, readAddress } from "../src/features/new/address";
import { mayBeKept } from "../src/features/new/draft";
import { waysToSplit } from "../src/features/new/split";

const SECRET = "canary0123456789abcdef";
const PIECES = ["github.com", "www.github.com", "gitlab.com", "gitlab.example.org", "raw.githubusercontent.com", "bitbucket.org", "localhost", "[::1]",
  "https://", "http://", "HTTPS://", "ssh://", "git+ssh://", "git@", "git clone ", "javascript:", "data:text/html,", "file://", "doi:", "10.5281/",
  "o", "r", "o/r", "r.git", ".git", "-", "tree", "blob", "raw", "src", "branch", "commit", "commits", "tag", "releases", "pull", "merge_requests",
  "refs", "heads", "6e7d6ca1f2f1c5d4a1b2e8bb5c4f0b1a3d2e9f70", "main", "a.ipynb", "constructor", "__proto__", "toString",
  "/", "/", "/", "/", "//", "..", "%2e%2e", "%2F", "%", "%zz", "%00", "%0a", "\\", "@", ":", ":8080", ":99999", "?at=", "?tab=", "#", "&", "=",
  "\u0000", "\n", "\t", "\u202e", "\u2028", "\ud800", "\u{1f4a9}", "\u3002", "\u2100", "é", "xn--a", "<", ">", '"', "'", "`"];

/** Numbers between 0 and 1, the same ones for the same seed. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function madeUp(seed: number, most = 12): string {
  const next = chance(seed);
  return Array.from({ length: 1 + Math.floor(next() * most) }, () => PIECES[Math.floor(next() * PIECES.length)]!).join("");
}

const SEEDS = Array.from({ length: 1000 }, (_, seed) => seed);
const HOSTS = ["github.com", "gitlab.com", "git.example.org", "raw.githubusercontent.com"];
/** Most texts are no address at all; these nearly are one. */
const TEXTS = SEEDS.flatMap((seed) => [madeUp(seed), `https://${HOSTS[seed % HOSTS.length]}/${madeUp(seed, 9)}`]);


const places: readonly (readonly [string, Place])[] = TEXTS.flatMap((text) => {
  const read = readAddress(text);
  return read.kind === "place" ? [[text, read.place] as const] : [];
});

test("whatever is pasted is understood in one of four ways", () => {
  expect(new Set(TEXTS.map((text) => readAddress(text).kind))).toEqual(new Set(["nothing", "doi", "unreadable", "place"]));
});

test("what is understood is a plain address, which a browser reads as it stands", () => {
  const isPlain = ({ repo }: Place) => {
    const { protocol, username, password, search, hash, href } = new URL(repo);
    return /^https?:$/.test(protocol) && username + password + search + hash === "" && href === repo;
  };
  expect(places.filter(([, place]) => !isPlain(place))).toEqual([]);
});

test("whatever follows a host, it is the same host", () => {
  const hosts = SEEDS.map((seed) => readAddress(`https://github.com/o/${madeUp(seed)}`)).map((read) =>
    read.kind === "place" ? new URL(read.place.repo).host : "github.com",
  );
  expect(new Set(hosts)).toEqual(new Set(["github.com"]));
});

test("what was understood is understood once more as itself", () => {
  const again = (repo: string) => {
    const read = readAddress(repo);
    return read.kind === "place" ? read.place.repo : read.kind;
  };
  // A quotation mark at an end is taken for one around the address.
  expect(places.filter(([, { repo }]) => again(repo) !== repo && !repo.endsWith("'"))).toEqual([]);
});

test("a password goes no further, whatever follows it", () => {
  const texts = SEEDS.flatMap((seed) => [`https://ada:${SECRET}@github.com/${madeUp(seed)}`, `https://${SECRET}@git.example.org/o/r/${madeUp(seed)}`]);
  expect(texts.filter((text) => mayBeKept(readAddress(text)) || JSON.stringify(readAddress(text)).includes(SECRET))).toEqual([]);
});

test("each way to cut a ref off a path holds all of both", () => {
  const isWhole = (rest: readonly string[]) => waysToSplit(rest).every(({ ref, path }) => ref !== "" && [ref, path].filter(Boolean).join("/") === rest.join("/"));
  expect(places.filter(([, { rest }]) => !isWhole(rest))).toEqual([]);
});
