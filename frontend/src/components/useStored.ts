import { useCallback, useSyncExternalStore } from "react";

const CHANGED = "stored";

/** What somebody prefers, remembered in this browser; in one that remembers nothing, until the page is left. */
export function useStored(name: string, otherwise: boolean): [boolean, (value: boolean) => void] {
  const value = useSyncExternalStore(subscribe, () => read(name) ?? otherwise);
  const store = useCallback(
    (wanted: boolean) => {
      try {
        window.localStorage.setItem(`repo2docker-${name}`, wanted ? "on" : "off");
      } catch {
        forgetful.set(name, wanted);
      }
      window.dispatchEvent(new Event(CHANGED));
    },
    [name],
  );
  return [value, store];
}

/** For browsers in which storage is blocked. */
const forgetful = new Map<string, boolean>();

function read(name: string): boolean | undefined {
  try {
    const stored = window.localStorage.getItem(`repo2docker-${name}`);
    return stored === null ? undefined : stored === "on";
  } catch {
    return forgetful.get(name);
  }
}

function subscribe(listener: () => void): () => void {
  window.addEventListener(CHANGED, listener);
  window.addEventListener("storage", listener);
  return () => {
    window.removeEventListener(CHANGED, listener);
    window.removeEventListener("storage", listener);
  };
}
