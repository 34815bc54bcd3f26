import { useEffect, useState } from "react";

const TICK = 5000;

/** For how many seconds nothing has come after the line of this number; 0 for as long as nobody waits for anything. */
export function useSilence(last: number, isWaiting: boolean): number {
  const [heard, setHeard] = useState({ last, seconds: 0 });
  useEffect(() => {
    if (!isWaiting) {
      return undefined;
    }
    const since = Date.now();
    const timer = setInterval(() => setHeard({ last, seconds: Math.round((Date.now() - since) / 1000) }), TICK);
    return () => clearInterval(timer);
  }, [last, isWaiting]);
  return isWaiting && heard.last === last ? heard.seconds : 0;
}
