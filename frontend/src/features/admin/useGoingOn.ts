import { useCallback, useEffect, useState } from "react";
import type { Rebuilds, RebuildWish } from "../../api/types";
import type { useBeginRebuilds } from "../../operations/useBeginRebuilds";

/** Milliseconds between two tries: where an owner has as many builds as allowed, none begins for a while. */
const PAUSE = 3000;

/** Begins the next rebuilds whenever there is room, until none waits, something fails or somebody stops it. */
export function useGoingOn({ under_way, waiting, at_once, as_of }: Rebuilds, { mutate, isPending }: ReturnType<typeof useBeginRebuilds>) {
  const [wish, setWish] = useState<RebuildWish>();
  const [total, setTotal] = useState(0);
  const left = under_way + waiting;
  const isOn = wish !== undefined;
  const mayBegin = isOn && !isPending && under_way < at_once;
  if (isOn && left > total) {
    setTotal(left); // those that had failed before have joined them
  }

  const stop = useCallback(() => setWish(undefined), []);
  const begin = useCallback(
    (wanted: RebuildWish) => mutate(wanted, { onError: stop, onSuccess: (answer) => answer.waiting === 0 && stop() }),
    [mutate, stop],
  );
  useEffect(() => {
    if (!mayBegin) {
      return undefined;
    }
    const timer = setTimeout(() => begin(wish), PAUSE);
    return () => clearTimeout(timer);
    // Each answer is a reason to try again.
  }, [mayBegin, begin, wish, as_of]);

  const goOn = (wanted: RebuildWish) => {
    setWish(wanted);
    setTotal(left);
    begin(wanted);
  };
  return { isOn, total, done: Math.max(total - left, 0), goOn, stop };
}
