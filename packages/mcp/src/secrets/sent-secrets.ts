import { REDACTED } from '@satway/base';
import { replaceCredentialForms } from './credential-forms.js';
import { type Phrase, phraseOf, replacerOf, type ReplacePhrases } from './phrases.js';
import { lettersAnd, runsOf } from './runs.js';
import { spellingsOf } from './spellings.js';

/** Tokens that are remembered: those of all calls that can run at the same time, and of many before. */
const MAX_TOKENS = 256;
/** Tokens of one header, and of one token that is JSON. */
const MAX_PARTS = 8;
const MAX_DEPTH = 16;
const isTokenChar = lettersAnd('+/_=.~-');
const LEAST_TOKEN_CHARS = 16;
/** Nothing that is sent as a proof is longer. */
const MAX_TOKEN_CHARS = 262_144;
/** What is nested deeper than this is not searched, and so not shown. */
const MAX_SHOWN_DEPTH = 64;

/** The proofs of payment that this process has sent, so that nobody to whom they went can put them before the model. Nothing shows what is in it. */
export interface SentSecrets {
  /** Remembers every token of a header's value, or of all texts in a value of JSON. */
  note(value: unknown): void;
  /** Without them, in every spelling that is known. @param instead - for each one, what stands in its place. */
  readonly strip: (text: string, instead?: (secret: string) => string) => string;
}

/** One token, ready to be looked for. */
interface Wanted {
  readonly hex: readonly Phrase[];
  readonly exact: readonly Phrase[];
}

/** @param always - headers' values that go out as well and are never forgotten. */
export function createSentSecrets(always: readonly string[] = []): SentSecrets {
  const fixed = always.flatMap(tokensIn).map(wantedOf);
  const known = new Map<string, Wanted>();
  let search: ReplacePhrases | null = null;
  const noteToken = (token: string): void => {
    // Again at the end: the oldest is forgotten first.
    const wanted = known.get(token) ?? wantedOf(token);
    known.delete(token);
    known.set(token, wanted);
    const [oldest] = known.keys();
    if (known.size > MAX_TOKENS && oldest !== undefined) known.delete(oldest);
    search = null;
  };
  return {
    note(value) {
      for (const text of textsIn(value)) for (const token of tokensIn(text)) noteToken(token);
    },
    strip(text, instead = () => REDACTED) {
      search ??= searchFor([...fixed, ...known.values()]);
      return search(replaceCredentialForms(text, instead), instead);
    },
  };
}

function wantedOf(token: string): Wanted {
  const { hex, exact } = spellingsOf(token);
  return { hex: hex.map(phraseOf), exact: exact.map(phraseOf) };
}

/** Hex digits that touch others are found as well. */
function searchFor(wanted: readonly Wanted[]): ReplacePhrases {
  const replaceHex = replacerOf(
    wanted.flatMap(({ hex }) => hex),
    'hex',
  );
  const replaceExact = replacerOf(
    wanted.flatMap(({ exact }) => exact),
    'exact',
  );
  return (text, instead) => replaceExact(replaceHex(text, instead), instead);
}

/** A credential may be JSON in base64, with the proof in it. A seller writes parts of it: few are taken, so that they push nothing else out. */
function tokensIn(text: string): string[] {
  return tokenRunsIn(text).flatMap((token) => {
    const inner = textsIn(jsonIn(token)).flatMap(tokenRunsIn);
    return [token, ...inner.slice(0, MAX_PARTS)];
  });
}

function tokenRunsIn(text: string): string[] {
  const runs = runsOf(text, isTokenChar, { atLeast: LEAST_TOKEN_CHARS, atMost: MAX_PARTS });
  return runs.filter(({ length }) => length <= MAX_TOKEN_CHARS);
}

function jsonIn(token: string): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, 'base64').toString('utf8'));
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

function textsIn(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return [];
  return Object.values(value).flatMap((each) => textsIn(each, depth + 1));
}

/** A value of JSON without them, in the same form; names of fields are searched as well. */
export function withoutSecrets<T>({ strip }: Pick<SentSecrets, 'strip'>, value: T): T {
  return strippedAt(strip, value, 0) as T;
}

function strippedAt(strip: SentSecrets['strip'], value: unknown, depth: number): unknown {
  if (typeof value === 'string') return strip(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_SHOWN_DEPTH) return REDACTED;
  if (Array.isArray(value)) return value.map((each) => strippedAt(strip, each, depth + 1));
  const fields = Object.entries(value).map(([name, field]) => [strip(name), strippedAt(strip, field, depth + 1)]);
  return Object.fromEntries(fields);
}
