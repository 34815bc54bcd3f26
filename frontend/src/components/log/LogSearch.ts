import { plain } from "./ansi";

/** Finds the lines of a log with some words in them; goes on where it was when the log has grown. */
export class LogSearch {
  readonly pattern: RegExp | null;
  private hits: readonly number[] = [];
  private upTo = 0;

  constructor(words: string) {
    // Of plain words the simple rules for capitals are enough, which are several times as fast.
    const flags = /^[ -~]*$/.test(words) ? "gi" : "giu";
    this.pattern = words ? new RegExp(words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), flags) : null;
  }

  /** Give the numbers of all lines that hold the words; the same list for as long as it says the same. */
  in(log: Lines): readonly number[] {
    if (!this.pattern) {
      return this.hits;
    }
    const found: number[] = [];
    for (let number = Math.max(this.upTo + 1, log.first); number <= log.last; number += 1) {
      this.pattern.lastIndex = 0;
      if (this.pattern.test(plain(log.line(number)))) {
        found.push(number);
      }
    }
    this.upTo = log.last;
    const isKept = this.hits.length === 0 || this.hits[0]! >= log.first;
    if (found.length > 0 || !isKept) {
      this.hits = [...(isKept ? this.hits : this.hits.filter((hit) => hit >= log.first)), ...found];
    }
    return this.hits;
  }
}

export interface Lines {
  /** The number of the first line that is kept. */
  readonly first: number;
  /** The number of the last line; 0 before there is one. */
  readonly last: number;
  line(number: number): string;
}
