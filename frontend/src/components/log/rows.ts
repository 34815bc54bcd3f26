import type { Section } from "./section";

/** A row that is shown: the head of a section, or one of its lines. */
export interface Row {
  section: Section;
  /** The line's number; null is the head. */
  line: number | null;
}

/** Which rows are shown of a log, in which the lines of some sections are folded away. */
export class Rows {
  readonly count: number;
  private readonly starts: number[] = [];
  private readonly isOpen: boolean[] = [];
  private readonly sections: readonly Section[];
  /** Rows are mostly asked for one after the other. */
  private latest = 0;

  /** @param first the number of the first line that is kept. */
  constructor(
    sections: readonly Section[],
    private readonly first: number,
    isOpen: (section: Section) => boolean,
  ) {
    this.sections = sections.filter(({ last }) => last >= first);
    let start = 0;
    for (const section of this.sections) {
      const open = isOpen(section);
      this.starts.push(start);
      this.isOpen.push(open);
      start += 1 + (open ? section.last - this.firstOf(section) + 1 : 0);
    }
    this.count = start;
  }

  at(index: number): Row {
    const place = this.placeOf(index);
    const section = this.sections[place]!;
    const inside = index - this.starts[place]!;
    return { section, line: inside === 0 ? null : this.firstOf(section) + inside - 1 };
  }

  /** What tells a row from all others, however many there are before it. */
  readonly keyOf = (index: number): number => {
    const { section, line } = this.at(index);
    return line ?? -section.first;
  };

  /** The row of a line; where that is folded away, of its section's head. */
  indexOf(line: number): number {
    const place = last(this.sections, ({ first }) => first <= line);
    const section = this.sections[place];
    if (!section) {
      return 0;
    }
    const inside = Math.min(line, section.last) - this.firstOf(section) + 1;
    return this.starts[place]! + (this.isOpen[place] ? Math.max(inside, 0) : 0);
  }

  /** The nearest row that is a line, from a row on; null where there is none any more. */
  lineFrom(index: number, step: 1 | -1): number | null {
    for (let place = index; place >= 0 && place < this.count; place += step) {
      const { line } = this.at(place);
      if (line !== null) {
        return line;
      }
    }
    return null;
  }

  /** The head that is so many sections further, or back; from inside a section its own head is one back. */
  headFrom(index: number, step: 1 | -1): number {
    const place = this.placeOf(index);
    const isHead = this.starts[place] === index;
    const wanted = place + (step === -1 && !isHead ? 0 : step);
    return this.starts[Math.min(Math.max(wanted, 0), this.starts.length - 1)] ?? 0;
  }

  private firstOf(section: Section): number {
    return Math.max(section.first, this.first);
  }

  private placeOf(index: number): number {
    const { starts, latest } = this;
    if (index < starts[latest]! || index >= (starts[latest + 1] ?? this.count)) {
      const isNext = index === starts[latest + 1];
      this.latest = isNext ? latest + 1 : last(starts, (start) => start <= index);
    }
    return this.latest;
  }
}

/** The place of the last item that fits, where those that fit come first; -1 when none does. */
function last<Item>(items: readonly Item[], fits: (item: Item) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fits(items[middle]!)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low - 1;
}
