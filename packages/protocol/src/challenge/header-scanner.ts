/** One challenge of a `WWW-Authenticate` line, not yet understood. Parameter names are lower case. */
export interface RawChallenge {
  readonly scheme: string;
  readonly params: ReadonlyMap<string, string>;
  /** A parameter is there twice with two values, or there are too many: readers would differ in what it says. */
  readonly isAmbiguous: boolean;
}

const MAX_LINE = 65_536;
const MAX_CHALLENGES = 64;
const MAX_PARAMS = 64;
const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
/** Bare values of clients in the field hold base64 and more than a token may. */
const BARE = /[^\s,"]+/y;
/** What stands after `Negotiate` or `Basic` instead of parameters. */
const TOKEN68 = /[ \t]+[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/y;
const SPACE = /[ \t]*/y;
const SEPARATORS = /[ \t,]*/y;

// oxlint-disable-next-line no-control-regex -- a line with controls was put together by nobody who means well
const CONTROLS = /[\x00-\x08\x0a-\x1f\x7f]/;

/**
 * Splits a line into its challenges (RFC 9110, section 11.6.1): several may be folded into one, and the same comma separates parameters
 * and challenges, so a name is a parameter when `=` follows it and a scheme otherwise. What cannot be read ends the line.
 */
export function scanChallenges(line: string): RawChallenge[] {
  if (line.length > MAX_LINE || CONTROLS.test(line)) return [];
  const scanner = new Scanner(line);
  const challenges: RawChallenge[] = [];
  while (challenges.length < MAX_CHALLENGES) {
    const challenge = scanner.challenge();
    if (challenge === null) return challenges;
    challenges.push(challenge);
  }
  return challenges;
}

class Scanner {
  #at = 0;
  #isBroken = false;

  constructor(private readonly line: string) {}

  challenge(): RawChallenge | null {
    this.#take(SEPARATORS);
    const scheme = this.#take(TOKEN);
    if (scheme === '') return null;
    this.#take(TOKEN68);
    const params = new Map<string, string>();
    let isAmbiguous = false;
    for (let param = this.#param(); param !== null; param = this.#param()) {
      const [name, value] = param;
      isAmbiguous ||= (params.get(name) ?? value) !== value || params.size === MAX_PARAMS;
      if (!isAmbiguous) params.set(name, value);
    }
    return this.#isBroken ? null : { scheme, params, isAmbiguous };
  }

  /** A parameter, or `null` (and nothing taken) where the next challenge or the end begins. */
  #param(): [string, string] | null {
    const start = this.#at;
    this.#take(SEPARATORS);
    const name = this.#take(TOKEN);
    this.#take(SPACE);
    if (name === '' || this.line[this.#at] !== '=') {
      this.#at = start;
      return null;
    }
    this.#at += 1;
    this.#take(SPACE);
    const value = this.line[this.#at] === '"' ? this.#quoted() : this.#take(BARE);
    return [name.toLowerCase(), value];
  }

  /** A quoted string with its quoted pairs resolved; one without an end breaks the challenge and ends the line. */
  #quoted(): string {
    let value = '';
    let at = this.#at + 1;
    for (let from = at; ; at += 1) {
      const character = this.line[at];
      if (character === undefined || character === '"') {
        value += this.line.slice(from, at);
        this.#isBroken = character === undefined;
        break;
      }
      if (character !== '\\') continue;
      value += this.line.slice(from, at);
      from = at + 1;
      at += 1;
    }
    this.#at = at + 1;
    return value;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.line)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }
}
