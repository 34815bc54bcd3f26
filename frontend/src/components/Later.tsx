import { type ReactNode, useEffect, useState } from "react";

const SOON = 150;

interface Props {
  after?: number;
  /** What is shown until then. */
  before?: ReactNode;
  children: ReactNode;
}

/** Shows what tells of waiting only when there is something to wait for: what comes at once does not flicker. */
export function Later({ after = SOON, before, children }: Props) {
  const [isLate, setIsLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsLate(true), after);
    return () => clearTimeout(timer);
  }, [after]);
  return isLate ? children : before;
}
