import { useEffect, useRef } from "react";
import type { Build } from "../../api/types";
import { useStored } from "../../components/useStored";
import { isActive } from "../../operations/builds";

/** Whether this browser can tell of something while it is not looked at, and has not been forbidden to. */
export const canNotify = () => "Notification" in window && Notification.permission !== "denied";

/** Browsers on phones have the word and refuse to be told so; the tab's title says it all the same. */
function tell(words: string, tag: string): void {
  try {
    new Notification(words, { tag });
  } catch {
    // There is nothing else to tell it by.
  }
}

/** Whether somebody wants to be told of the end by the desktop, and how to ask for it. */
export function useEndNotice(build: Build, words: string) {
  const [isStored, store] = useStored("notify", false);
  const isWanted = isStored && canNotify() && Notification.permission === "granted";
  const wasActive = useRef(false);

  useEffect(() => {
    const hasEnded = wasActive.current && !isActive(build);
    wasActive.current = isActive(build);
    if (hasEnded && isWanted && document.hidden) {
      tell(words, build.id);
    }
  }, [build, isWanted, words]);

  const ask = async () => {
    store(!isWanted && (await Notification.requestPermission()) === "granted");
  };
  return { isWanted, ask };
}
