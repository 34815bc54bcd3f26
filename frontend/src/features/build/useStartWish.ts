import { useSearchParams } from "wouter";

const NAMES = ["path", "profile"] as const;

/** What the address says of the server that is to be started in the end; it is handed on from page to page. */
export function useStartWish(): Readonly<Record<string, string>> {
  const [asked] = useSearchParams();
  return Object.fromEntries(NAMES.map((name) => [name, (asked.get(name) ?? "").trim()] as const).filter(([, value]) => value));
}
