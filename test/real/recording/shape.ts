import { parseJson } from '../network/index.js';
import type { RecordedAnswer } from './recorder.js';

/** Words that mean something to a client; every other text differs from run to run. */
const TELLING = new Set(['status', 'failure_reason', 'state', 'message', 'payment_error', 'error', 'network', 'chain']);

/**
 * What two runs of one case have in common: the HTTP status, the framing, the names of all fields, and the words that a
 * client decides by.
 */
export function shapeOf({ answer }: RecordedAnswer): unknown {
  const { date: _, 'content-length': length, ...headers } = answer.headers;
  const framing = { ...headers, 'content-length': length === undefined ? 'none' : 'given' };
  return { status: answer.status, framing, lines: answer.body.split('\n').map(shapeOfLine) };
}

function shapeOfLine(line: string): unknown {
  if (!line.startsWith('{')) return withoutNumbers(line);
  return shapeOfValue('', parseJson<unknown>(line));
}

function shapeOfValue(name: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map((each) => shapeOfValue(name, each));
  if (typeof value === 'object' && value !== null) return shapeOfObject(value);
  if (typeof value === 'string') return TELLING.has(name) ? withoutNumbers(value) : 'text';
  return typeof value;
}

function shapeOfObject(value: object): unknown {
  const entries = Object.entries(value).map(([name, inner]) => [name, shapeOfValue(name, inner)] as const);
  // Feature bits are keyed by number.
  return Object.fromEntries(entries.filter(([name]) => !/^\d+$/.test(name)));
}

function withoutNumbers(text: string): string {
  return text
    .replace(/[0-9a-f]{64}/g, 'HASH')
    .replace(/m=[+-]?[\d.]+/g, '')
    .replace(/\d+/g, 'N')
    .trim();
}
