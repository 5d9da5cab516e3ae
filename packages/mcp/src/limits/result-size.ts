/** Of one text of a stranger's in a result, where it stands twice: hosts end a session over a message of more than some megabytes. */
export const MAX_TEXT_BYTES = 300_000;
/** Of a list in a result. */
export const MAX_LISTED_BYTES = 100_000;

/** How long something is on the wire: what a text looks like says little, a control character alone has six bytes. */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** The first of these that fit, and always the first one. */
export function fitting<T>(items: Iterable<T>, maxBytes: number): T[] {
  const taken: T[] = [];
  let bytes = 0;
  for (const item of items) {
    bytes += jsonBytes(item);
    if (bytes > maxBytes && taken.length > 0) return taken;
    taken.push(item);
  }
  return taken;
}
