import { ok, type Result, refuse } from '../result.js';

/** Deeper than this nobody's arguments are, and a text of brackets must not end the process. */
const MAX_DEPTH = 64;
/** With the flag `u` whole pairs are other characters. */
const HALF_A_PAIR = /\p{Surrogate}/u;

/**
 * The one JSON text of a value (RFC 8785): members sorted by their UTF-16 code units, no spaces, numbers as ECMAScript writes them.
 *
 * @returns the text, or `JSON_NOT_CANONICAL` for what JSON cannot say alike everywhere: numbers that are not finite, text with half a surrogate pair, anything
 *   but JSON's own kinds, and nesting below 64 levels. A member whose value is `undefined` is none.
 */
export function canonicalJson(value: unknown): Result<string> {
  const reasons: string[] = [];
  const text = write(value, 0, reasons);
  const [reason] = reasons;
  return reason === undefined ? ok(text) : refuse('JSON_NOT_CANONICAL', reason);
}

function write(value: unknown, depth: number, reasons: string[]): string {
  if (depth > MAX_DEPTH) return refused('It is nested too deep.', reasons);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number')
    return Number.isFinite(value) ? JSON.stringify(value) : refused('A number is not finite.', reasons);
  if (typeof value === 'string') return writeText(value, reasons);
  if (Array.isArray(value)) return `[${value.map((item) => write(item, depth + 1, reasons)).join(',')}]`;
  return isRecord(value) ? writeMembers(value, depth, reasons) : refused('It holds what JSON does not know.', reasons);
}

function writeMembers(value: Readonly<Record<string, unknown>>, depth: number, reasons: string[]): string {
  const members = Object.keys(value)
    .filter((name) => value[name] !== undefined)
    // The default order of `sort` is that of UTF-16 code units.
    .sort()
    .map((name) => `${writeText(name, reasons)}:${write(value[name], depth + 1, reasons)}`);
  return `{${members.join(',')}}`;
}

function writeText(text: string, reasons: string[]): string {
  return HALF_A_PAIR.test(text) ? refused('A text holds half a surrogate pair.', reasons) : JSON.stringify(text);
}

function refused(reason: string, reasons: string[]): string {
  reasons.push(reason);
  return '';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
