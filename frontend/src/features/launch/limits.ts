import type { Profile } from "../../api/types";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** How much a server of a profile may use, in a few words; empty when it sets no limit of its own. */
export function limits({ cpu, memory }: Profile): string {
  const words = [
    cpu > 0 && `${cpu} ${cpu === 1 ? "processor" : "processors"}`,
    memory > 0 && `${memory < GIB ? `${Math.round(memory / MIB)} MiB` : `${+(memory / GIB).toFixed(1)} GiB`} of memory`,
  ];
  return words.filter(Boolean).join(", ");
}
