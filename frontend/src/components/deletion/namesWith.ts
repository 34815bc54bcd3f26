import type { Image } from "../../api/types";
import { repositoryOf } from "../repositoryOf";

/** The other names under which the same image is known: a registry deletes all of them or none. */
export function namesWith({ digest, name }: Image, known: readonly Image[]): readonly string[] {
  const repository = repositoryOf(name);
  return known
    .filter((other) => other.digest === digest && other.name !== name && repositoryOf(other.name) === repository)
    .map((other) => other.name);
}
