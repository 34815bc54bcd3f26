import { useSearchParams } from "wouter";
import type { BuildState, Me } from "../../api/types";
import type { BuildsWanted } from "../../operations/useBuilds";

export const STATES: readonly BuildState[] = ["queued", "building", "pushing", "succeeded", "failed", "cancelled"];
const ALL = "all";

/** Which builds are wanted, as the address has it; without a word, one's own, or everybody's for who builds nothing. */
export function useWanted(me: Me): [BuildsWanted, (change: Partial<BuildsWanted>) => void] {
  const [parameters, setParameters] = useSearchParams();
  const usual = me.owners.length > 0 ? me.owner : "";
  const said = parameters.get("whose") ?? "";
  const owner = said === ALL ? "" : said === me.owner || me.owners.includes(said) || me.admin ? said || usual : usual;
  const state = STATES.find((each) => each === parameters.get("state")) ?? "";
  const q = (parameters.get("q") ?? "").trim();
  const change = (changes: Partial<BuildsWanted>) => {
    const next = { owner, state, q, ...changes };
    setParameters(
      {
        ...(next.owner !== usual && { whose: next.owner || ALL }),
        ...(next.state && { state: next.state }),
        ...(next.q && { q: next.q }),
      },
      { replace: true },
    );
  };
  return [{ owner, state, q }, change];
}
