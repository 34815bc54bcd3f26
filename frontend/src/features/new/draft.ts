import type { BuildWish } from "../../api/types";
import { groupOf } from "../../components/groupOf";
import type { FoundSource, SourceQuestion } from "../../operations/useSource";
import { type Address, readAddress } from "./address";
import { readBuildArguments } from "./buildArguments";
import { waysToSplit } from "./split";

/** What is written down so far. */
export interface Draft {
  /** The one field that takes any address. */
  address: string;
  /** Null: as the address has it. */
  ref: string | null;
  /** What to open; null: as the address has it. */
  path: string | null;
  subdir: string;
  /** How large the server is to be that is started in the end; empty: as the environment has it. */
  profile: string;
  title: string;
  description: string;
  buildArgs: string;
  owner: string;
}

/** What a link such as `/new?repo=…` fills in, for the owners that one may build for. It begins nothing. */
export function prefilled(asked: URLSearchParams, owners: readonly string[]): Draft {
  const value = (name: string) => (asked.get(name) ?? "").trim();
  return {
    address: value("repo"),
    ref: asked.has("ref") ? value("ref") : null,
    path: asked.has("path") ? value("path") : null,
    subdir: value("subdir"),
    profile: value("profile"),
    title: value("title"),
    description: value("description"),
    buildArgs: "",
    owner: owners.find((owner) => owner === value("owner")) ?? owners[0]!,
  };
}

/** Whether nothing in it opens anything; what is no address may be a token that was meant for another field. */
export function mayBeKept(read: Address): boolean {
  return read.kind === "doi" || (read.kind === "place" && !read.place.hadPassword);
}

/** The same link for what is written down so far. Values of build arguments are in none: somebody may think them secret. */
export function linkOf({ address, ref, path, subdir, profile, title, description, owner }: Draft): Readonly<Record<string, string>> {
  const said = { repo: address, subdir, profile, title, description, owner: groupOf(owner) };
  const filled = Object.entries(said).filter(([, value]) => value.trim());
  return { ...Object.fromEntries(filled), ...(ref !== null && { ref }), ...(path !== null && { path }) };
}

/** The draft with another address. What was said of ref and path stays, unless the address says something of them itself. */
export function withAddress(draft: Draft, address: string): Draft {
  const read = readAddress(address);
  const saysMore = read.kind === "place" && (read.place.ref !== "" || read.place.rest.length > 0);
  return { ...draft, address, ...(saysMore && { ref: null, path: null }) };
}

/** What to look up for it; null while there is nothing to be looked up. */
export function questionOf(read: Address, ref: string | null, subdir: string, owner: string): SourceQuestion | null {
  if (read.kind !== "place") {
    return null;
  }
  const { place } = read;
  const ways = () => {
    if (ref !== null) {
      const rest = place.rest.join("/");
      return [{ ref: ref.trim(), path: ref && rest.startsWith(`${ref.trim()}/`) ? rest.slice(ref.trim().length + 1) : place.path }];
    }
    return place.rest.length > 0 ? waysToSplit(place.rest) : [{ ref: place.ref, path: place.path }];
  };
  return { repo: place.repo, subdir: subdir.trim(), owner, ways: ways() };
}

/** What the service is asked to build. */
export function wishOf(draft: Draft, repo: string, { ref }: Pick<FoundSource, "ref">): BuildWish {
  const { values } = readBuildArguments(draft.buildArgs);
  const texts = { subdir: draft.subdir.trim(), title: draft.title.trim(), description: draft.description.trim() };
  return {
    repo,
    owner: draft.owner,
    ...(ref && { ref }),
    ...Object.fromEntries(Object.entries(texts).filter(([, text]) => text)),
    ...(Object.keys(values).length > 0 && { build_args: values }),
  };
}
