import type { Profile } from "../../api/types";
import { launch as words } from "../../texts/launch";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** How much a server of a profile may use, in a few words; empty when it sets no limit of its own. */
export function limits({ cpu, memory }: Profile): string {
  const parts = [
    cpu > 0 && words.processors(cpu),
    memory > 0 && words.memory(memory < GIB ? `${Math.round(memory / MIB)} MiB` : `${+(memory / GIB).toFixed(1)} GiB`),
  ];
  return parts.filter(Boolean).join(", ");
}
