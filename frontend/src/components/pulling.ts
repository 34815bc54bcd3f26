import type { Image } from "../api/types";
import { repositoryOf } from "./repositoryOf";

/** Commands that fetch an image elsewhere; undefined for one that is in the engine's own store only. */
export interface Pulling {
  byName: string;
  byDigest: string;
}

export function pulling({ name, digest, launch_reference }: Image): Pulling | undefined {
  if (!launch_reference.includes("@")) {
    return undefined;
  }
  return { byName: `docker pull ${name}`, byDigest: `docker pull ${repositoryOf(name)}@${digest}` };
}
