/** A promise and the hands to end it. */
export function openGate<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let open: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { promise, resolve: (value) => open(value) };
}
