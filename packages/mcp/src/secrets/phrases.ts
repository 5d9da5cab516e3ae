import { randomInt } from 'node:crypto';

/** Of a phrase's end: by its hash the places are found where a phrase may stand. No phrase is shorter. */
export const LEAST_PHRASE_CHARS = 16;
const FILTER_BITS = 0xff_ff;
/** Nobody who writes a text knows it, so that nobody can write one in which unlike things look alike. */
const BASE = randomInt(2 ** 30) * 2 + 1;

/** A text that is looked for, with what it is found by. */
export interface Phrase {
  readonly text: string;
  readonly hash: number;
  readonly tailHash: number;
  /** The base to the power of its length. */
  readonly power: number;
}

/** How letters are compared. */
export type LetterCase = 'exact' | 'hex';

/** @param text - at least `LEAST_PHRASE_CHARS` long; hex digits in small letters where the case of hex digits does not count. */
export function phraseOf(text: string): Phrase {
  const hashes = hashesOf(text, 'exact');
  return {
    text,
    hash: between(hashes, 0, text.length, powerOf(text.length)),
    tailHash: between(hashes, text.length - LEAST_PHRASE_CHARS, text.length, TAIL_POWER),
    power: powerOf(text.length),
  };
}

/** Replaces phrases wherever they stand. */
export type ReplacePhrases = (text: string, instead: (found: string) => string) => string;

/**
 * For a text of any length, in time that is linear in it, whatever the text and the phrases are: a phrase is compared letter by letter only where its hash is there.
 * Where two end at the same place, the longer one is taken.
 */
export function replacerOf(phrases: readonly Phrase[], letterCase: LetterCase): ReplacePhrases {
  const byTail = new Map<number, Phrase[]>();
  const filter = new Uint8Array(FILTER_BITS + 1);
  for (const phrase of phrases.toSorted((a, b) => b.text.length - a.text.length)) {
    byTail.set(phrase.tailHash, [...(byTail.get(phrase.tailHash) ?? []), phrase]);
    filter[phrase.tailHash & FILTER_BITS] = 1;
  }
  return function replacePhrases(text, instead) {
    if (byTail.size === 0 || text.length < LEAST_PHRASE_CHARS) return text;
    const searched = { text, hashes: hashesOf(text, letterCase), letterCase };
    const pieces: string[] = [];
    let done = 0;
    let found: Span | null = null;
    const replaceFound = (): void => {
      if (found === null) return;
      pieces.push(text.slice(done, found.start), instead(text.slice(found.start, found.end)));
      done = found.end;
    };
    for (let end = LEAST_PHRASE_CHARS; end <= text.length; end++) {
      const tailHash = between(searched.hashes, end - LEAST_PHRASE_CHARS, end, TAIL_POWER);
      if (filter[tailHash & FILTER_BITS] === 0) continue;
      const foundEnd: number = found === null ? 0 : found.end;
      const phrase = byTail.get(tailHash)?.find((each) => endsAt(each, end, foundEnd, searched));
      if (phrase === undefined) continue;
      const start = Math.max(done, end - phrase.text.length);
      // Secrets that share letters are replaced as one, so that no piece of either stays.
      if (found !== null && start < found.end) found = { start: Math.min(start, found.start), end };
      else {
        replaceFound();
        found = { start, end };
      }
    }
    replaceFound();
    return done === 0 ? text : pieces.join('') + text.slice(done);
  };
}

interface Span {
  readonly start: number;
  readonly end: number;
}

interface Searched {
  readonly text: string;
  readonly hashes: Int32Array;
  readonly letterCase: LetterCase;
}

/** @param foundEnd - what shares letters with something found is believed by its hash: at each place of a text that repeats itself a comparison would cost a square of time. */
function endsAt(phrase: Phrase, end: number, foundEnd: number, { text, hashes, letterCase }: Searched): boolean {
  const start = end - phrase.text.length;
  if (start < 0 || between(hashes, start, end, phrase.power) !== phrase.hash) return false;
  if (start < foundEnd) return true;
  return letterCase === 'exact'
    ? text.startsWith(phrase.text, start)
    : text.slice(start, end).toLowerCase() === phrase.text;
}

/** At each place, the hash of everything before it. */
function hashesOf(text: string, letterCase: LetterCase): Int32Array {
  const hashes = new Int32Array(text.length + 1);
  let hash = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    const isCapitalHex = letterCase === 'hex' && code >= 0x41 && code <= 0x46;
    hash = (Math.imul(hash, BASE) + (isCapitalHex ? code | 0x20 : code)) | 0;
    hashes[index + 1] = hash;
  }
  return hashes;
}

/** The hash of a part, of whose length the base has that power. */
function between(hashes: Int32Array, start: number, end: number, power: number): number {
  return ((hashes[end] ?? 0) - Math.imul(hashes[start] ?? 0, power)) | 0;
}

function powerOf(length: number): number {
  let power = 1;
  for (let count = 0; count < length; count++) power = Math.imul(power, BASE);
  return power;
}

const TAIL_POWER = powerOf(LEAST_PHRASE_CHARS);
