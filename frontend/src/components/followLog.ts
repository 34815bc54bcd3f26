import { followEvents } from "../api/followEvents";

/** New lines with the number of the first one, that the connection is lost for now, or that the log is complete. */
export type LogNews = { kind: "lines"; first: number; lines: string[] } | { kind: "lost" } | { kind: "end" };

const LONGEST_PAUSE = 30_000;

/** Follow a log to its end; after a lost connection it goes on where it was, without missing or repeating a line. */
export async function* followLog(id: string, signal: AbortSignal): AsyncGenerator<LogNews> {
  let next = 1;
  for await (const events of followEvents(`api/v1/builds/${id}/log`, LONGEST_PAUSE, signal)) {
    if (events === null) {
      yield { kind: "lost" };
      continue;
    }
    const first = next;
    const lines: string[] = [];
    for (const { data } of events.filter((each) => each.name === "log")) {
      const chunk = data as { first: number; lines: string[] };
      lines.push(...chunk.lines.slice(Math.max(0, next - chunk.first)));
      next = first + lines.length;
    }
    yield { kind: "lines", first, lines };
    if (events.some((each) => each.name === "end")) {
      yield { kind: "end" };
      return;
    }
  }
}
