import type { Build } from "../api/types";
import { roughly } from "../texts/durations";

/** Where a build is and what to expect, in a few words; empty when nothing is known. */
export function howFar(build: Build): string {
  const { step, steps } = build.progress;
  const words = [
    build.queue_position && `number ${build.queue_position} in the queue`,
    build.state === "building" && steps > 0 && `step ${step} of ${steps}`,
    build.estimated_seconds && `usually takes ${roughly(build.estimated_seconds)}`,
  ];
  return words.filter(Boolean).join(", ");
}
