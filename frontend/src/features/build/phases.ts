import type { Build } from "../../api/types";

export const PHASES = ["queue", "fetch", "build", "push", "ready"] as const;
export type Phase = (typeof PHASES)[number];
export type PhaseState = "done" | "current" | "failed" | "stopped" | "waiting";

/** How each phase of a build stands, in their order. */
export function phasesOf(build: Build): { phase: Phase; state: PhaseState }[] {
  const at = PHASES.indexOf(phaseOf(build));
  return PHASES.map((phase, place) => ({ phase, state: place < at ? "done" : place > at ? "waiting" : stateOf(build) }));
}

/** Where a build is, or where it ended. */
export function phaseOf({ state, reason, progress, started_at }: Build): Phase {
  switch (state) {
    case "queued":
      return "queue";
    case "building":
      return progress.steps > 0 ? "build" : "fetch";
    case "pushing":
      return "push";
    case "succeeded":
      return "ready";
    default:
      break;
  }
  if (reason === "push-failed") {
    return "push";
  }
  if (reason === "source-unreachable" || reason === "ref-not-found") {
    return "fetch";
  }
  if (progress.steps > 0 || reason === "build-failed") {
    return "build";
  }
  return started_at ? "fetch" : "queue";
}

function stateOf({ state }: Build): PhaseState {
  switch (state) {
    case "succeeded":
      return "done";
    case "failed":
      return "failed";
    case "cancelled":
      return "stopped";
    default:
      return "current";
  }
}

/** How much is done, from 0 to 1, and never all before the end; null while nobody knows. */
export function shareOf({ state, progress: { step, steps } }: Build): number | null {
  if (state === "succeeded") {
    return 1;
  }
  // The start of the last step is not its end, and the image has to be stored after it.
  return steps > 0 ? Math.max(0, step - 1) / (steps + 1) : null;
}
