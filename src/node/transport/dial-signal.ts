/**
 * Waiting with a way out: races work that cannot be cancelled against abort signals.
 *
 * The listeners are removed when the race is over, so a signal that lives as long as the node does
 * not gather one listener per dial.
 */

/**
 * Settles like `work`, or rejects with the reason of the first signal to abort.
 * @param late gets the value of `work` when it arrives after the race was lost, to dispose of it.
 */
export function raceSignal<T>(
  work: Promise<T>,
  signals: readonly (AbortSignal | undefined)[],
  late?: (value: T) => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let over = false;
    const watched = signals.filter((signal) => signal !== undefined);
    const settle = (): boolean => {
      if (over) return false;
      over = true;
      for (const signal of watched) signal.removeEventListener("abort", onAbort);
      return true;
    };
    const onAbort = (): void => {
      const aborted = watched.find((signal) => signal.aborted);
      if (settle()) reject(aborted?.reason);
    };
    for (const signal of watched) signal.addEventListener("abort", onAbort);
    work.then(
      (value) => {
        if (settle()) resolve(value);
        else late?.(value);
      },
      (error: unknown) => {
        if (settle()) reject(error);
      },
    );
    if (watched.some((signal) => signal.aborted)) onAbort();
  });
}

/** A signal of its own that follows others and an optional time bound; dispose when done. */
export function linkedSignal(
  signals: readonly (AbortSignal | undefined)[],
  timeout?: { readonly ms: number; readonly reason: () => Error },
): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  const watched = signals.filter((signal) => signal !== undefined);
  const onAbort = (): void => controller.abort(watched.find((signal) => signal.aborted)?.reason);
  for (const signal of watched) signal.addEventListener("abort", onAbort);
  const timer =
    timeout === undefined
      ? undefined
      : setTimeout(() => controller.abort(timeout.reason()), timeout.ms);
  if (watched.some((signal) => signal.aborted)) onAbort();
  return {
    signal: controller.signal,
    dispose: () => {
      clearTimeout(timer);
      for (const signal of watched) signal.removeEventListener("abort", onAbort);
    },
  };
}
