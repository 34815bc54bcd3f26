import { useEffect, useState } from "react";
import type { Build } from "../../api/types";
import { isActive } from "../../operations/builds";
import { useKeepBuild } from "../../operations/useKeepBuild";
import { LogStore } from "./LogStore";
import { followLog, readLog } from "./readLog";
import { lookedAt, lookedAway } from "./looking";

/** Milliseconds for which nobody has to look before the connection is given up: browsers have few. */
const PATIENCE = 60_000;

/**
 * The log of a build: followed while the build goes on, and read at once when it has ended. Another build is another
 * component.
 */
export function useLog(build: Build): LogStore {
  const [store] = useState(() => new LogStore());
  // As it was found: that it ends while it is followed is part of what is followed.
  const [begun] = useState(build);
  const keep = useKeepBuild();

  useEffect(() => {
    const leaving = new AbortController();
    const reading = isActive(begun)
      ? followWhileSeen(begun.id, store, keep, leaving.signal)
      : readLog(begun, store, leaving.signal);
    reading.catch((error: Error) => {
      if (!leaving.signal.aborted) {
        store.turn("refused", error);
      }
    });
    return () => leaving.abort();
  }, [begun, store, keep]);

  return store;
}

async function followWhileSeen(
  id: string,
  store: LogStore,
  onBuild: (build: Build) => void,
  leaving: AbortSignal,
): Promise<void> {
  while (!leaving.aborted && store.snapshot().phase !== "ended") {
    const away = lookedAway(PATIENCE, leaving);
    await followLog(id, store, onBuild, away);
    if (!away.aborted) {
      return;
    }
    if (!leaving.aborted) {
      store.turn("paused");
      await lookedAt(leaving);
    }
  }
}
