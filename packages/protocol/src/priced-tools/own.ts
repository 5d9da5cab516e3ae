/** A member of an object that came from outside, never one that it inherits. */
export function own(place: unknown, name: string): unknown {
  return isPlainObject(place) && Object.hasOwn(place, name) ? place[name] : undefined;
}

export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
