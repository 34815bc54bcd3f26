import { type ReactNode, useEffect, useState } from "react";

const SOON = 150;

/** Shows what tells of waiting only when there is something to wait for: what comes at once does not flicker. */
export function Later({ after = SOON, children }: { after?: number; children: ReactNode }) {
  const [isLate, setIsLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsLate(true), after);
    return () => clearTimeout(timer);
  }, [after]);
  return isLate && children;
}
