import { bytesToHex } from '../bytes/index.js';
import { ok, type Result, refuse } from '../result.js';
import { readFallback } from './fallback.js';
import { readFeatures } from './features.js';
import {
  DEFAULT_EXPIRY_SECONDS,
  DEFAULT_MIN_FINAL_CLTV_EXPIRY_DELTA,
  type FallbackAddress,
  type RouteHop,
} from './invoice.js';
import { readRouteHint } from './route-hints.js';
import { wordsToBytes, wordsToNumber } from './words.js';

/** Type of each tagged field, by the letter under which BOLT 11 names it. */
export const FIELD_TYPE = { p: 1, r: 3, '9': 5, x: 6, f: 9, d: 13, s: 16, n: 19, h: 23, c: 24, m: 27 } as const;
export type FieldLetter = keyof typeof FIELD_TYPE;

/** Fields of another length than this many words are skipped, as the specification says. */
const FIXED_WORDS: Partial<Record<FieldLetter, number>> = { p: 52, s: 52, h: 52, n: 53 };
const REPEATABLE: ReadonlySet<FieldLetter> = new Set(['r', 'f']);

/** As far as a timestamp reaches, so that every expiry is a safe integer in milliseconds. */
export const MAX_EXPIRY_SECONDS = 2 ** 35 - 1;
export const MAX_CLTV_DELTA = 2 ** 32 - 1;

/** What the tagged fields of one invoice say; absent ones are `null`. */
export interface InvoiceFields {
  paymentHashHex: string | null;
  paymentSecretHex: string | null;
  namedPayeeHex: string | null;
  description: string | null;
  descriptionHashHex: string | null;
  metadataHex: string | null;
  expirySeconds: number;
  minFinalCltvExpiryDelta: number;
  features: ReadonlySet<number>;
  routeHints: RouteHop[][];
  fallbackAddresses: FallbackAddress[];
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const LETTER_BY_TYPE = new Map(
  Object.entries(FIELD_TYPE).map(([letter, type]) => [type as number, letter as FieldLetter] as const),
);

/**
 * Reads the tagged fields between timestamp and signature.
 *
 * @returns the fields, or `INVOICE_MALFORMED`. A field that may stand once and stands twice is refused: readers disagree on which counts.
 */
export function readFields(words: Uint8Array): Result<InvoiceFields> {
  const fields = emptyFields();
  const seen = new Set<FieldLetter>();
  for (let at = 0; at < words.length; ) {
    const length = (words[at + 1] ?? 0) * 32 + (words[at + 2] ?? 0);
    const end = at + 3 + length;
    if (end > words.length) return malformed('A field is longer than the invoice.');
    const letter = LETTER_BY_TYPE.get(words[at] ?? -1);
    if (letter !== undefined && (FIXED_WORDS[letter] ?? length) === length) {
      if (seen.has(letter) && !REPEATABLE.has(letter)) return malformed(`The field ${letter} stands there twice.`);
      seen.add(letter);
      if (!readField(fields, letter, words.subarray(at + 3, end)))
        return malformed(`The field ${letter} cannot be read.`);
    }
    at = end;
  }
  return ok(fields);
}

function malformed(detail: string): Result<never> {
  return refuse('INVOICE_MALFORMED', detail);
}

function emptyFields(): InvoiceFields {
  return {
    paymentHashHex: null,
    paymentSecretHex: null,
    namedPayeeHex: null,
    description: null,
    descriptionHashHex: null,
    metadataHex: null,
    expirySeconds: DEFAULT_EXPIRY_SECONDS,
    minFinalCltvExpiryDelta: DEFAULT_MIN_FINAL_CLTV_EXPIRY_DELTA,
    features: new Set(),
    routeHints: [],
    fallbackAddresses: [],
  };
}

/** Puts one field where it belongs; false when its content is not what its letter promises. */
function readField(fields: InvoiceFields, letter: FieldLetter, words: Uint8Array): boolean {
  if (letter === '9') return Boolean((fields.features = readFeatures(words)));
  if (letter === 'x' || letter === 'c') return readNumber(fields, letter, words);
  if (letter === 'f') return readAddress(fields, words);
  const bytes = wordsToBytes(words);
  return bytes !== null && readBytes(fields, letter, bytes);
}

function readNumber(fields: InvoiceFields, letter: 'x' | 'c', words: Uint8Array): boolean {
  const value = wordsToNumber(words, letter === 'x' ? MAX_EXPIRY_SECONDS : MAX_CLTV_DELTA);
  if (value === null) return false;
  if (letter === 'x') fields.expirySeconds = value;
  else fields.minFinalCltvExpiryDelta = value;
  return true;
}

function readAddress(fields: InvoiceFields, words: Uint8Array): boolean {
  const address = readFallback(words);
  if (address !== null) fields.fallbackAddresses.push(address);
  return true;
}

function readBytes(
  fields: InvoiceFields,
  letter: Exclude<FieldLetter, '9' | 'x' | 'c' | 'f'>,
  bytes: Uint8Array,
): boolean {
  if (letter === 'd') return readDescription(fields, bytes);
  if (letter === 'r') return readHint(fields, bytes);
  const name = (
    {
      p: 'paymentHashHex',
      s: 'paymentSecretHex',
      n: 'namedPayeeHex',
      h: 'descriptionHashHex',
      m: 'metadataHex',
    } as const
  )[letter];
  fields[name] = bytesToHex(bytes);
  return true;
}

function readDescription(fields: InvoiceFields, bytes: Uint8Array): boolean {
  try {
    fields.description = UTF8.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function readHint(fields: InvoiceFields, bytes: Uint8Array): boolean {
  const hops = readRouteHint(bytes);
  if (hops !== null) fields.routeHints.push(hops);
  return hops !== null;
}
