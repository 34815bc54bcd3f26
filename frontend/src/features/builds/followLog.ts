import { openEvents } from "../../api/client";
import { readEvents } from "../../api/events";
import { pause } from "../../api/pause";
import { Problem } from "../../api/problem";

/** New lines with the number of the first one, that the connection is lost for now, or that the log is complete. */
export type LogNews = { kind: "lines"; first: number; lines: string[] } | { kind: "lost" } | { kind: "end" };

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;

/** Follow a log to its end; after a lost connection it goes on where it was, without missing or repeating a line. */
export async function* followLog(id: string, signal: AbortSignal): AsyncGenerator<LogNews> {
  let lastId = "";
  let next = 1;
  for (let wait = FIRST_PAUSE; !signal.aborted; wait = Math.min(wait * 2, LONGEST_PAUSE)) {
    try {
      const { body } = await openEvents(`api/v1/builds/${id}/log`, lastId, signal);
      for await (const events of readEvents(body!)) {
        wait = FIRST_PAUSE;
        const first = next;
        const lines: string[] = [];
        for (const event of events.filter((each) => each.name === "log")) {
          const chunk = event.data as { first: number; lines: string[] };
          lines.push(...chunk.lines.slice(Math.max(0, next - chunk.first)));
          next = first + lines.length;
          lastId = event.id || lastId;
        }
        yield { kind: "lines", first, lines };
        const failure = events.find((each) => each.name === "error");
        if (failure) {
          throw Problem.of(failure.data);
        }
        if (events.some((each) => each.name === "end")) {
          yield { kind: "end" };
          return;
        }
      }
    } catch (error) {
      // The service has answered, and will not change its mind; all else may pass.
      if (error instanceof Problem && error.status < 500) {
        throw error;
      }
    }
    yield { kind: "lost" };
    await pause(wait, signal);
  }
}
