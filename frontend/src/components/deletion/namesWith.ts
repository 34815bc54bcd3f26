import type { Image } from "../../api/types";

/** The other names under which the same image is known: a registry deletes all of them or none. */
export function namesWith({ digest, name }: Image, known: readonly Image[]): readonly string[] {
  const repository = repositoryOf(name);
  return known
    .filter((other) => other.digest === digest && other.name !== name && repositoryOf(other.name) === repository)
    .map((other) => other.name);
}

/** A name without its tag; the last colon may be of a port, as a tag holds no slash. */
const repositoryOf = (name: string) => name.replace(/:[^:/]*$/, "");
