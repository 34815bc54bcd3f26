/** An address, followed by as much of this as is filled in. */
export function withQuery(path: string, query: Readonly<Record<string, string>>): string {
  const filled = Object.entries(query).filter(([, value]) => value);
  return filled.length > 0 ? `${path}?${new URLSearchParams(filled)}` : path;
}
