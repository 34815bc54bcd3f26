import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { followEvents } from "../api/followEvents";

const LONGEST_PAUSE = 30_000;
/** A tab that is hidden for so long gives its connection back. */
const HIDDEN_FOR = 60_000;
/** Several that change at once are asked for once. */
const GATHERED = 300;

/** Load what is kept under a key anew as soon as the service tells that something of a kind has changed. */
export function useChanges(kind: "build" | "image", key: readonly string[]): void {
  const [name] = key;
  const queries = useQueryClient();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const reload = () => {
      clearTimeout(timer);
      timer = setTimeout(() => void queries.invalidateQueries({ queryKey: [name] }), GATHERED);
    };
    const stop = whileVisible((signal, isFirst) => {
      if (!isFirst) {
        reload();
      }
      void follow(kind, reload, signal);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [queries, kind, name]);
}

async function follow(kind: string, reload: () => void, signal: AbortSignal): Promise<void> {
  try {
    let wasLost = false;
    for await (const events of followEvents("api/v1/events", LONGEST_PAUSE, signal)) {
      // What happened while the connection was lost nobody told.
      if (events?.some(({ name }) => name === kind) || (events && wasLost)) {
        reload();
      }
      wasLost = events === null;
    }
  } catch {
    // The service tells nobody like this one; the list is asked for now and then all the same.
  }
}

/** Begin now, end when the page has been hidden for a while, and begin again when it is seen; gives what ends it for good. */
function whileVisible(begin: (signal: AbortSignal, isFirst: boolean) => void): () => void {
  let running: AbortController | undefined = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const change = () => {
    clearTimeout(timer);
    if (document.hidden) {
      timer = setTimeout(() => {
        running?.abort();
        running = undefined;
      }, HIDDEN_FOR);
    } else if (!running) {
      running = new AbortController();
      begin(running.signal, false);
    }
  };
  begin(running.signal, true);
  document.addEventListener("visibilitychange", change);
  return () => {
    document.removeEventListener("visibilitychange", change);
    clearTimeout(timer);
    running?.abort();
  };
}
