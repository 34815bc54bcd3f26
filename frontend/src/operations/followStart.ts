import type { ServerEvent } from "../api/events";
import { followEvents } from "../api/followEvents";
import { serverPath } from "./servers";

/** How far the start of a server is, that the connection is lost for now, or how it ended. */
export type StartNews =
  | { kind: "progress"; percent: number; message: string }
  | { kind: "lost" }
  | { kind: "ready"; openUrl: string }
  | { kind: "failed"; message: string };

const LONGEST_PAUSE = 10_000;
const LOST: StartNews = { kind: "lost" };

/** Follow the start of a server until it is ready or has failed; after a lost connection it is asked for again. */
export async function* followStart(name: string, signal: AbortSignal): AsyncGenerator<StartNews> {
  for await (const events of followEvents(`${serverPath(name)}/progress`, LONGEST_PAUSE, signal)) {
    for (const news of events === null ? [LOST] : events.map(read).filter((each) => each !== null)) {
      yield news;
      if (news.kind === "ready" || news.kind === "failed") {
        return;
      }
    }
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
    default:
      return null;
  }
}
