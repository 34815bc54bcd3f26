import type { Section, Work } from "./section";

// BuildKit's plain progress: "#7 [base 3/9] RUN …", "#7 [ 3/10] RUN …", "#7 0.123 what it prints", "#7 DONE 0.2s", "#7 ERROR: …".
const VERTEX = /^#(\d{1,6}) (.*)/s;
const NAME = /^\[(?:([^\]\s]+) )? {0,3}(\d{1,4}\/\d{1,4})\] (.*)/s;
const DONE = /^DONE (\d+(?:\.\d+)?)s/;
const TIME = /^(\d+\.\d+) /;
const EXPORT = /^(?:export|naming|writing|unpacking|pushing)/;
// First it is looked whether a hub can start the image.
const PUSH = /^(?:(?:There is no )?jupyterhub-singleuser |It is not known whether a hub |Pushing \[|Stored as |The push failed|The registry )/;
const ERROR = "ERROR: ";
/** Beyond these all is one section: a log with more is no log of a builder that we know. */
const MOST = 5000;

interface Vertex {
  name: string;
  work: Work;
  isStep: boolean;
  /** The last line that it printed, which begins with the time. */
  said: string;
}

/** Cuts a log into sections while it is read. */
export class StepReader {
  readonly sections: Section[] = [];
  private readonly vertices = new Map<string, Vertex>();
  private current: Vertex | null = null;

  /** Take the next line. */
  add(number: number, line: string): void {
    const match = line.startsWith("#") ? VERTEX.exec(line) : null;
    if (match) {
      this.take(number, match[1]!, match[2]!);
    } else if (line === "" && this.sections.length > 0) {
      this.extend(number);
    } else {
      this.other(number, line);
    }
  }

  /** Say how it all ended: nothing runs any more. */
  end(state: "done" | "failed" | "stopped"): void {
    const blame = state === "failed" && !this.sections.some(({ work }) => work.state === "failed");
    for (const section of this.sections) {
      if (section.work.state === "running") {
        const isLast = section === this.sections.at(-1);
        section.work.state = state === "failed" ? (blame && isLast ? "failed" : "stopped") : state;
      }
    }
  }

  private take(number: number, id: string, text: string): void {
    let vertex = this.vertices.get(id);
    const isNew = vertex === undefined;
    if (!vertex) {
      vertex = { name: text, work: { state: "running", seconds: null }, isStep: NAME.test(text), said: "" };
      this.vertices.set(id, vertex);
    }
    const hasFailed = text.startsWith(ERROR);
    if (vertex !== this.current || this.sections.length === 0 || hasFailed) {
      this.open(number, vertex, !isNew, hasFailed);
    }
    this.current = vertex;
    this.extend(number);
    if (!isNew) {
      this.tell(vertex, text);
    }
  }

  private tell(vertex: Vertex, text: string): void {
    const { work, isStep } = vertex;
    const done = DONE.exec(text);
    if (work.state === "failed") {
      return; // of several things that are one section, one is enough
    }
    if (done) {
      work.state = "done";
      work.seconds = isStep ? Number(done[1]) : null;
    } else if (text === "CACHED") {
      work.state = "cached";
    } else if (text.startsWith(ERROR)) {
      work.state = "failed";
      work.seconds = isStep && vertex.said ? Number.parseFloat(vertex.said) : null;
    } else if (text === "CANCELED") {
      work.state = "stopped";
    } else if (TIME.test(text)) {
      vertex.said = text;
    }
  }

  private open(number: number, vertex: Vertex, isContinued: boolean, hasFailed: boolean): void {
    const name = NAME.exec(vertex.name);
    const here = this.sections.at(-1);
    if (name && here?.work === vertex.work) {
      return; // what came between was no part of its own
    }
    if (name) {
      this.begin(number, "step", vertex.work, isContinued, name[3]!, [name[1], name[2]].filter(Boolean).join(" "));
    } else {
      // Each of these is a few lines: what goes before the steps is one section, and what comes after them another.
      const kind = EXPORT.test(vertex.name) ? "export" : "setup";
      if (kind === "setup" && !hasFailed && (here?.kind === "step" || here?.kind === "export")) {
        return; // what is sent to the builder meanwhile, and the like, cuts nothing in two
      }
      if (here?.kind !== kind) {
        this.begin(number, kind, vertex.work, false);
      }
      const group = this.sections.at(-1)!.work;
      vertex.work = group;
      group.state = group.state === "failed" ? "failed" : "running";
    }
  }

  private other(number: number, line: string): void {
    const here = this.sections.at(-1)?.kind;
    const isPush = here === "push" || PUSH.test(line);
    const kind = isPush ? "push" : this.vertices.size === 0 ? "fetch" : "end";
    if (here !== kind) {
      this.begin(number, kind, { state: "running", seconds: null });
    }
    this.current = null;
    this.extend(number);
  }

  private begin(number: number, kind: Section["kind"], work: Work, isContinued = false, title = "", place = ""): void {
    const before = this.sections.at(-1);
    if (this.sections.length >= MOST) {
      return;
    }
    if (before && before.kind !== "step" && before.work.state === "running") {
      before.work.state = "done";
    }
    this.sections.push({ first: number, last: number, kind, title, place, isContinued, work });
  }

  private extend(number: number): void {
    this.sections.at(-1)!.last = number;
  }
}
