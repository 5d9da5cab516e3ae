const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

/**
 * Does something, quickly and without waiting, when a signal is about to end the process; then the process ends by that signal, as it would have.
 *
 * @returns how to stop listening.
 */
export function onStopSignal(act: () => void): () => void {
  const stopListening = (): void => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    stopListening();
    try {
      act();
    } finally {
      // The last of several ends the process.
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    }
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return stopListening;
}
