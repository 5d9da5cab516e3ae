import { endOfRun, lettersAnd } from './runs.js';

/** Begins a handed-over credential; what follows are letters of base64 and dots, the last of them no dot. */
const HANDED_PREFIX = /satway_credential_v\d{1,9}_/gi;
/** Begins a credential in a header: a macaroon, or several, then the preimage. */
const SCHEME = /\b(?:L402|LSAT)\s{1,4}/gi;
const PREIMAGE = /:[0-9a-f]{64}/iy;
const LEAST_MACAROON_CHARS = 16;

/** Credentials by their form, whosever they are. Plain loops: a repetition in a pattern gives up, or takes a square of time, where a stranger's text is long. */
export function replaceCredentialForms(text: string, instead: (found: string) => string): string {
  const withoutHanded = replaceBehind(text, HANDED_PREFIX, instead, (start, prefixStart) => {
    let end = endOfRun(text, start, isHandedChar);
    while (end > start && text[end - 1] === '.') end--;
    return end > start ? [prefixStart, end] : null;
  });
  return replaceBehind(withoutHanded, SCHEME, instead, (start) => {
    const macaroonEnd = endOfRun(withoutHanded, start, isMacaroonChar);
    PREIMAGE.lastIndex = macaroonEnd;
    const isCredential = macaroonEnd - start >= LEAST_MACAROON_CHARS && PREIMAGE.test(withoutHanded);
    return isCredential ? [start, PREIMAGE.lastIndex] : null;
  });
}

type Find = (start: number, prefixStart: number) => readonly [start: number, end: number] | null;

function replaceBehind(text: string, prefix: RegExp, instead: (found: string) => string, find: Find): string {
  const pieces: string[] = [];
  let done = 0;
  prefix.lastIndex = 0;
  for (let match = prefix.exec(text); match !== null; match = prefix.exec(text)) {
    const found = find(prefix.lastIndex, match.index);
    if (found === null) continue;
    const [start, end] = found;
    pieces.push(text.slice(done, start), instead(text.slice(start, end)));
    done = end;
    prefix.lastIndex = end;
  }
  return done === 0 ? text : pieces.join('') + text.slice(done);
}

const isHandedChar = lettersAnd('_.-');
const isMacaroonChar = lettersAnd('+/_=,-');
