import { openText } from "../../api/client";
import { followEvents } from "../../api/followEvents";
import { pause } from "../../api/pause";
import { Problem } from "../../api/problem";
import type { Build, BuildState } from "../../api/types";
import type { LogStore } from "./LogStore";

const LONGEST_PAUSE = 10_000;
const FIRST_PAUSE = 500;

const OUTCOMES: Partial<Record<BuildState, "failed" | "stopped">> = { failed: "failed", cancelled: "stopped" };

export const logPath = (build: string) => `api/v1/builds/${build}/log`;

/**
 * Follow a log to its end, or until the signal. After a lost connection, or when called again, it goes on where it was.
 *
 * @param onBuild told of the build whenever that changes
 */
export async function followLog(
  build: string,
  store: LogStore,
  onBuild: (build: Build) => void,
  signal: AbortSignal,
): Promise<void> {
  const after = store.last > 0 ? String(store.last) : "";
  for await (const events of followEvents(logPath(build), LONGEST_PAUSE, signal, after)) {
    if (signal.aborted) {
      return;
    }
    store.turn(events ? "live" : "lost");
    for (const { name, data } of events ?? []) {
      if (name === "log") {
        const { first, lines } = data as { first: number; lines: string[] };
        store.add(first, lines);
      } else if (name === "state") {
        onBuild(data as Build);
      } else if (name === "end") {
        store.end(outcome(data as Build));
        onBuild(data as Build);
        return;
      }
    }
  }
}

/** Read the log of a build that has ended, as plain text; where that fails midway, again. */
export async function readLog(build: Build, store: LogStore, signal: AbortSignal): Promise<void> {
  for (let wait = FIRST_PAUSE; !signal.aborted; wait = Math.min(wait * 2, LONGEST_PAUSE)) {
    try {
      const { body } = await openText(logPath(build.id), signal);
      await takeLines(body!, store);
      store.end(outcome(build));
      return;
    } catch (error) {
      if (error instanceof Problem && !error.mayPass) {
        throw error;
      }
    }
    if (!signal.aborted) {
      store.turn("lost");
      await pause(wait, signal);
    }
  }
}

async function takeLines(body: ReadableStream<Uint8Array<ArrayBuffer>>, store: LogStore): Promise<void> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let next = 1;
  let rest = "";
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    const lines = (rest + piece.value).split("\n");
    rest = lines.pop() ?? "";
    store.turn("live");
    store.add(next, lines);
    next += lines.length;
  }
  if (rest) {
    store.add(next, [rest]);
  }
}

const outcome = ({ state }: Build) => OUTCOMES[state] ?? "done";
