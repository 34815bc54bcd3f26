import { plain } from "../../components/log/ansi";
import type { LogStore } from "../../components/log/LogStore";

const LATEST = 20;

/** What the step that failed has printed last; of a log without one, its own last lines. */
export function endOfLog(store: LogStore): string[] {
  const { first, last, sections } = store.snapshot();
  const failed = sections.findLast(({ work, kind }) => kind === "step" && work.state === "failed");
  const end = failed?.last ?? last;
  const begin = Math.max(failed?.first ?? first, first, end - LATEST + 1);
  return Array.from({ length: Math.max(0, end - begin + 1) }, (_, place) => plain(store.line(begin + place)));
}

/** What the step that failed was told to do; empty where none did. */
export function failedStep(store: LogStore): string {
  return store.snapshot().sections.findLast(({ work }) => work.state === "failed")?.title ?? "";
}
