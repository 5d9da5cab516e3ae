/** Calls what belongs to somebody else so that nothing of it reaches us: neither what it throws, nor what it rejects with later, nor how long it takes. */
export function callQuietly(call: () => unknown): void {
  try {
    const returned = call();
    if (isThenable(returned)) Promise.resolve(returned).catch(() => undefined);
  } catch {
    // It is the caller's problem.
  }
}

/** A rejection that nobody takes would otherwise end the process between two steps of a purchase. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
