/** How a part of a build ended, or that it has not. */
export type StepState = "running" | "done" | "cached" | "failed" | "stopped";

/** What is done in a part of the log; several parts may tell of one that was interrupted by others. */
export interface Work {
  state: StepState;
  seconds: number | null;
}

/** Lines that follow each other and tell of one thing. */
export interface Section {
  /** The number of its first line, by which it is known too. */
  readonly first: number;
  last: number;
  readonly kind: "fetch" | "setup" | "step" | "export" | "end" | "push";
  /** What a step does, in the words of the builder. */
  readonly title: string;
  /** `3/9`, or with the stage's name before it where there are several. */
  readonly place: string;
  /** Whether an earlier section began this. */
  readonly isContinued: boolean;
  readonly work: Work;
}
