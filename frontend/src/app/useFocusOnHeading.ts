import { useEffect, useRef } from "react";
import { useLocation } from "wouter";

/** Move the focus to the heading of each page that is gone to, as a browser would that loads it; gives the path. */
export function useFocusOnHeading(): string {
  const [location] = useLocation();
  const before = useRef(location);
  useEffect(() => {
    if (before.current === location) {
      return undefined;
    }
    before.current = location;
    return whenThereIs("main h1", (heading) => {
      heading.tabIndex = -1;
      heading.focus();
      window.scrollTo(0, 0);
    });
  }, [location]);
  return location;
}

/** Call back once there is such an element; gives what ends the waiting. */
function whenThereIs(selector: string, then: (element: HTMLElement) => void): () => void {
  const found = document.querySelector<HTMLElement>(selector);
  if (found) {
    then(found);
    return () => {};
  }
  const observer = new MutationObserver(() => {
    const element = document.querySelector<HTMLElement>(selector);
    if (element) {
      observer.disconnect();
      then(element);
    }
  });
  observer.observe(document.body, { childList: true, subtree: true });
  return () => observer.disconnect();
}
