import { openEvents } from "../../api/client";
import { readEvents, type ServerEvent } from "../../api/events";
import { pause } from "../../api/pause";
import { Problem } from "../../api/problem";
import { serverPath } from "../servers/api";

/** How far the start of a server is, that the connection is lost for now, or how it ended. */
export type StartNews =
  | { kind: "progress"; percent: number; message: string }
  | { kind: "lost" }
  | { kind: "ready"; openUrl: string }
  | { kind: "failed"; message: string };

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;

/** Follow the start of a server until it is ready or has failed; after a lost connection it is asked for again. */
export async function* followStart(name: string, signal: AbortSignal): AsyncGenerator<StartNews> {
  for (let wait = FIRST_PAUSE; !signal.aborted; wait = Math.min(wait * 2, LONGEST_PAUSE)) {
    try {
      const { body } = await openEvents(`${serverPath(name)}/progress`, "", signal);
      for await (const events of readEvents(body!)) {
        wait = FIRST_PAUSE;
        for (const news of events.map(read).filter((each) => each !== null)) {
          yield news;
          if (news.kind === "ready" || news.kind === "failed") {
            return;
          }
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

function read({ name, data }: ServerEvent): StartNews | null {
  const told = data as { percent: number; message: string; open_url: string };
  switch (name) {
    case "progress":
      return { kind: "progress", percent: told.percent, message: told.message };
    case "ready":
      return { kind: "ready", openUrl: told.open_url };
    case "failed":
      return { kind: "failed", message: told.message };
    case "error":
      throw Problem.of(data);
    default:
      return null;
  }
}
