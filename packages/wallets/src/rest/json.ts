/** A JSON object of which nothing is known yet. */
export type Json = Readonly<Record<string, unknown>>;

/** `null` for anything but an object. */
export function parseJsonObject(text: string): Json | null {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return null;
  }
}

export function asObject(value: unknown): Json | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
}

export function textOf(json: Json, name: string): string | null {
  const value = json[name];
  return typeof value === 'string' ? value : null;
}

/** A 64-bit number, which LND writes as a string; `null` where it is none or past the safe integers. */
export function integerOf(json: Json, name: string): number | null {
  const value = json[name];
  const number = typeof value === 'string' && /^-?\d{1,17}$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) ? Number(number) : null;
}

/** Bytes, which LND writes in standard base64, as lower-case hex. */
export function hexOfBytes(json: Json, name: string): string | null {
  const value = textOf(json, name);
  return value === null || !/^[A-Za-z0-9+/]*={0,2}$/.test(value) ? null : Buffer.from(value, 'base64').toString('hex');
}
