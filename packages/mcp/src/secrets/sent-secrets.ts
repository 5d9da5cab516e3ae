import { REDACTED } from '@satway/base';
import { type Spellings, spellingsOf } from './spellings.js';

/** Tokens that are remembered: those of all calls that can run at the same time, and of many before. */
const MAX_TOKENS = 256;
/** Tokens of one header, and of one token that is JSON. */
const MAX_PARTS = 8;
const MAX_DEPTH = 16;
const TOKEN = /[A-Za-z0-9+/_=.~-]{16,}/g;
const HEX_RUN = /[0-9a-f]{32,}/gi;
/** Credentials by their form, whosever they are: what is handed over, and what follows the scheme of a paid request. */
const FORMS: readonly RegExp[] = [
  /satway_credential_v\d+_[A-Za-z0-9_.-]*[A-Za-z0-9_-]/gi,
  /(?<=\b(?:L402|LSAT)\s{1,4})[A-Za-z0-9+/_=,-]{16,}:[0-9a-f]{64}/gi,
];

/** The proofs of payment that this process has sent, so that nobody to whom they went can put them before the model. Nothing shows what is in it. */
export interface SentSecrets {
  /** Remembers every token of a header's value, or of all texts in a value of JSON. */
  note(value: unknown): void;
  /** Without them, in every spelling that is known. @param instead - for each one, what stands in its place. */
  readonly strip: (text: string, instead?: (secret: string) => string) => string;
}

/** @param always - headers' values that go out as well and are never forgotten. */
export function createSentSecrets(always: readonly string[] = []): SentSecrets {
  const fixed = always.flatMap(tokensIn).map(spellingsOf);
  const known = new Map<string, Spellings>();
  const noteToken = (token: string): void => {
    // Again at the end: the oldest is forgotten first.
    const spellings = known.get(token) ?? spellingsOf(token);
    known.delete(token);
    known.set(token, spellings);
    const [oldest] = known.keys();
    if (known.size > MAX_TOKENS && oldest !== undefined) known.delete(oldest);
  };
  return {
    note(value) {
      for (const text of textsIn(value)) for (const token of tokensIn(text)) noteToken(token);
    },
    strip(text, instead = () => REDACTED) {
      const spellings = [...fixed, ...known.values()];
      const withoutForms = FORMS.reduce((rest, form) => rest.replace(form, instead), text);
      const withoutHex = stripHex(withoutForms, new Set(spellings.flatMap(({ hex }) => hex)), instead);
      return spellings.flatMap(({ exact }) => exact).reduce((rest, each) => rest.replaceAll(each, instead), withoutHex);
    },
  };
}

/** A credential may be JSON in base64, with the proof in it. A seller writes parts of it: few are taken, so that they push nothing else out. */
function tokensIn(text: string): string[] {
  return (text.match(TOKEN) ?? []).slice(0, MAX_PARTS).flatMap((token) => {
    const inner = textsIn(jsonIn(token)).flatMap((each) => each.match(TOKEN) ?? []);
    return [token, ...inner.slice(0, MAX_PARTS)];
  });
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

/** Digits that touch others are searched as well. */
function stripHex(text: string, secrets: ReadonlySet<string>, instead: (secret: string) => string): string {
  if (secrets.size === 0) return text;
  return text.replace(HEX_RUN, (run) => {
    const found = [...secrets].filter((secret) => run.toLowerCase().includes(secret));
    return found.reduce((rest, secret) => rest.replace(new RegExp(secret, 'gi'), instead), run);
  });
}

/** A value of JSON without them, in the same form. */
export function withoutSecrets<T>({ strip }: Pick<SentSecrets, 'strip'>, value: T): T {
  return JSON.parse(strip(JSON.stringify(value))) as T;
}
