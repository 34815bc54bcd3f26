export interface Split {
  ref: string;
  path: string;
}

/** All ways to cut what follows in an address into a ref and a path, the shortest ref first. */
export function waysToSplit(rest: readonly string[]): readonly Split[] {
  return rest.map((_, index) => ({ ref: rest.slice(0, index + 1).join("/"), path: rest.slice(index + 1).join("/") }));
}

/** The way in which the ref is the longest of those that are known to be there; undefined where none is. */
export function longestKnown(rest: readonly string[], known: readonly string[]): Split | undefined {
  return waysToSplit(rest).findLast(({ ref }) => known.includes(ref));
}
