import type { Server } from "../../api/types";

/** Hubs take names of so many letters. */
const LONGEST = 30;

/** A name for a server beside the one of that name, which nobody has yet. */
export function anotherName(name: string, servers: readonly Server[]): string {
  const taken = new Set(servers.map((server) => server.name));
  for (let number = 2; ; number += 1) {
    const end = `-${number}`;
    const found = `${(name || "server").slice(0, LONGEST - end.length).replace(/-+$/, "")}${end}`;
    if (!taken.has(found)) {
      return found;
    }
  }
}
