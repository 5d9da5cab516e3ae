import {
  canonicalizePath,
  decodeMacaroon,
  decodeMacaroonText,
  decodeSessionToken,
  hexToBytes,
  interpretCaveats,
  parseAuthorization,
  parseCaveat,
  parseChallengeBody,
  parseChallenges,
  parsePathPrefix,
  preimageMatches,
} from '@satway/protocol';
import { describe, expect, it } from 'vitest';

const SIZE = 1_048_576;
const PIECES = [
  'a',
  '/',
  '/a',
  '/.',
  '/..',
  '%',
  '%41',
  '%c3%a9',
  '=',
  ':',
  ' ',
  '\t',
  ',',
  '"',
  '\\',
  'a=',
  'a ',
  'a,',
  '{',
  '[',
  '[[]',
  '\u00e9',
  '\ud800',
  '0',
];

function ofSize(piece: string): string {
  return piece.repeat(Math.ceil(SIZE / piece.length));
}

/** Everything that reads text from outside. A throw fails the test, and so does a time that grows with the square of the length: a million characters would take hours. */
const READERS: readonly (readonly [name: string, read: (text: string) => unknown])[] = [
  ['canonicalizePath', (text) => canonicalizePath(`/${text}`)],
  ['canonicalizePath up to its limit', (text) => canonicalizePath(`/${text.slice(0, 65_000)}`)],
  ['canonicalizePath with a query', (text) => canonicalizePath(`/?${text}`.slice(0, 65_536))],
  ['parsePathPrefix', (text) => parsePathPrefix(`/${text}`)],
  ['parseCaveat', (text) => parseCaveat(`path_prefix=/${text}`)],
  ['parseCaveat of a number', (text) => parseCaveat(`n_uses=${text}`)],
  ['parseCaveat of bytes', (text) => parseCaveat(Buffer.from(text))],
  ['interpretCaveats', (text) => interpretCaveats([Buffer.from(text)])],
  ['decodeMacaroon', (text) => decodeMacaroon(Buffer.from(text))],
  ['decodeMacaroonText', decodeMacaroonText],
  ['decodeSessionToken', decodeSessionToken],
  ['parseAuthorization', (text) => parseAuthorization(['Authorization', `L402 ${text}`])],
  ['parseAuthorization of any scheme', (text) => parseAuthorization(['Authorization', text])],
  ['parseAuthorization of many headers', (text) => parseAuthorization(text.slice(0, 65_536).split(''))],
  ['parseChallenges', (text) => parseChallenges([`L402 ${text}`])],
  [
    'parseChallenges up to its limit',
    (text) => parseChallenges([`L402 ${text.slice(0, 65_000)}`, text.slice(0, 65_536)]),
  ],
  ['parseChallengeBody', parseChallengeBody],
  ['parseChallengeBody up to its limit', (text) => parseChallengeBody(`{"macaroon":"x","a":${text.slice(0, 262_000)}`)],
  ['parseChallengeBody of a header', (text) => parseChallengeBody(`L402 ${text.slice(0, 65_000)}`)],
  ['hexToBytes', hexToBytes],
  ['preimageMatches', (text) => preimageMatches(text, text)],
];

describe('a million characters', () => {
  it.each(READERS)('are read by %s to the end', (_, read) => {
    for (const piece of PIECES) expect(read(ofSize(piece))).toBeDefined();
  });
});
