export interface Split {
  ref: string;
  path: string;
}

/** All ways to cut what follows in an address into a ref and a path, the shortest ref first. */
export function waysToSplit(rest: readonly string[]): readonly Split[] {
  return rest.map((_, index) => ({ ref: rest.slice(0, index + 1).join("/"), path: rest.slice(index + 1).join("/") }));
}
