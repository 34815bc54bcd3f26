import type { Build } from "../api/types";
import { texts } from "../texts";

/** Where a build is and what to expect, in a few words; empty when nothing is known. */
export function howFar(build: Build): string {
  const { step, steps } = build.progress;
  const words = texts.build;
  const said = [
    build.queue_position && words.number(build.queue_position),
    build.state === "building" && steps > 0 && words.step(step, steps).toLowerCase(),
    build.estimated_seconds && words.takes(build.estimated_seconds),
  ];
  return said.filter(Boolean).join(", ");
}
