export interface LineRange {
  from: number;
  to: number;
}

const HASH = /^#L([1-9]\d{0,8})(?:-L([1-9]\d{0,8}))?$/;

/** Read `#L120` or `#L120-L134`, in whichever order; all else is no range. */
export function rangeOf(hash: string): LineRange | null {
  const match = HASH.exec(hash);
  return match ? ordered(Number(match[1]), Number(match[2] ?? match[1])) : null;
}

export function hashOf({ from, to }: LineRange): string {
  return from === to ? `#L${from}` : `#L${from}-L${to}`;
}

/** The range between two lines. */
export function ordered(one: number, other: number): LineRange {
  return { from: Math.min(one, other), to: Math.max(one, other) };
}

/** Where a line of a build's log is, below the service's prefix. */
export const lineAddress = (build: string, line: number) => `/builds/${build}${hashOf({ from: line, to: line })}`;
