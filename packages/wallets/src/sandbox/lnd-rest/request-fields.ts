import { type LndRefusal, refusal } from './answer.js';

/** A JSON object as it was sent. */
export type Fields = Readonly<Record<string, unknown>>;

/** Reads the body of a call: a JSON object with known fields only. An empty body is an empty object. */
export function readFields(
  text: string,
  known: readonly string[],
): { readonly ok: true; readonly fields: Fields } | LndRefusal {
  const parsed = parseObject(text);
  if (parsed === null) return refusal(3, text.trim() === '{' ? 'unexpected EOF' : 'proto: syntax error (line 1:1)');
  const unknown = Object.keys(parsed).find((name) => !known.includes(name));
  if (unknown === undefined) return { ok: true, fields: parsed };
  return refusal(3, `proto: (line ${placeOf(text, unknown)}): unknown field "${unknown}"`);
}

function parseObject(text: string): Fields | null {
  if (text === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    return null;
  }
}

function placeOf(text: string, name: string): string {
  const before = text.slice(0, Math.max(0, text.indexOf(JSON.stringify(name)))).split('\n');
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

/** Names in lines, as they would be long as a list. */
export function fieldNames(...lines: string[]): readonly string[] {
  return lines.flatMap((line) => line.split(' '));
}

export function textField(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}

/** A 64-bit number, sent as a string or a number; 0 where it is left out, `null` where it is none. */
export function integerField(fields: Fields, name: string): number | null {
  const value = fields[name];
  if (value === undefined || value === null) return 0;
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) ? Number(number) : null;
}

/** An amount that can be given in satoshis or in millisatoshis, not in both. */
export function amountField(
  fields: Fields,
  satName: string,
  msatName: string,
): { readonly ok: true; readonly amountMsat: number } | LndRefusal {
  const sat = integerField(fields, satName);
  const msat = integerField(fields, msatName);
  if (sat === null || msat === null) return refusal(3, `invalid value for int64 field ${satName}`);
  if (sat !== 0 && msat !== 0) return refusal(2, 'sat and msat arguments are mutually exclusive');
  const amountMsat = msat === 0 ? sat * 1000 : msat;
  return amountMsat < 0 ? refusal(2, 'amount cannot be negative') : { ok: true, amountMsat };
}
