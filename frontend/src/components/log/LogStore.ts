import type { Lines } from "./LogSearch";
import type { Section } from "./section";
import { StepReader } from "./steps";

/** How it goes with reading. Refused is by the service, for good; paused is since nobody looks. */
export type LogPhase = "connecting" | "live" | "lost" | "paused" | "ended" | "refused";

/** What is known at one time. */
export interface LogState {
  phase: LogPhase;
  first: number;
  last: number;
  sections: readonly Section[];
  error: Error | null;
}

/** A browser can lay out no more rows than this, with room for heads. */
export const MOST_LINES = 500_000;
/** So many go at once: to take one line from the front of a long list costs as much. */
const DROPPED_AT_ONCE = 50_000;
export const FLUSH = 100;

/**
 * All lines of one log, as they were written, and its sections. React is told of news at most every 100 ms, however many
 * there are.
 */
export class LogStore implements Lines {
  first = 1;
  private lines: string[] = [];
  private readonly steps = new StepReader();
  private phase: LogPhase = "connecting";
  private error: Error | null = null;
  private state: LogState = this.now();
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private flushed = 0;

  get last(): number {
    return this.first + this.lines.length - 1;
  }

  line(number: number): string {
    return this.lines[number - this.first] ?? "";
  }

  /** Take lines, the first of which has this number; those that are known already are passed over. */
  add(first: number, lines: readonly string[]): void {
    for (let place = Math.max(0, this.last + 1 - first); place < lines.length; place += 1) {
      this.lines.push(lines[place]!);
      this.steps.add(this.last, lines[place]!);
    }
    const tooMany = Math.max(0, this.lines.length - MOST_LINES);
    if (tooMany > 0) {
      const dropped = Math.ceil(tooMany / DROPPED_AT_ONCE) * DROPPED_AT_ONCE;
      this.lines = this.lines.slice(dropped);
      this.first += dropped;
    }
    this.changed();
  }

  /** Say how it goes on. */
  turn(phase: LogPhase, error: Error | null = null): void {
    if (phase !== this.phase || error !== this.error) {
      this.phase = phase;
      this.error = error;
      this.changed();
    }
  }

  /** Say that this is all, and how the build ended. */
  end(outcome: "done" | "failed" | "stopped"): void {
    this.steps.end(outcome);
    this.turn("ended");
    this.changed();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): LogState => this.state;

  private changed(): void {
    this.timer ??= setTimeout(() => this.flush(), Math.max(0, this.flushed + FLUSH - Date.now()));
  }

  private flush(): void {
    this.timer = undefined;
    this.flushed = Date.now();
    this.state = this.now();
    for (const listener of this.listeners) {
      listener();
    }
  }

  private now(): LogState {
    const { phase, first, last, error } = this;
    return { phase, first, last, sections: this.steps.sections, error };
  }
}
