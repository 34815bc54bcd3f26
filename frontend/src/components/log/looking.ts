/** Give a signal for when this tab has been hidden for some milliseconds; it comes with the other signal, too. */
export function lookedAway(patience: number, signal: AbortSignal): AbortSignal {
  const away = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    clearTimeout(timer);
    timer = document.hidden ? setTimeout(() => away.abort(), patience) : undefined;
  };
  const stop = () => {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", look);
  };
  document.addEventListener("visibilitychange", look);
  away.signal.addEventListener("abort", stop, { once: true });
  signal.addEventListener("abort", () => away.abort(), { once: true });
  look();
  return away.signal;
}

/** Wait until this tab is seen, at most until the signal. */
export function lookedAt(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!document.hidden || signal.aborted) {
        document.removeEventListener("visibilitychange", look);
        resolve();
      }
    };
    document.addEventListener("visibilitychange", look);
    signal.addEventListener("abort", look, { once: true });
    look();
  });
}
