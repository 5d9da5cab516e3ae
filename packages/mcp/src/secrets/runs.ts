/** Whether a letter, by its code, belongs to a set. */
export type LetterSet = (code: number) => boolean;

/** Letters and digits of ASCII, and these. */
export function lettersAnd(others: string): LetterSet {
  const belongs = new Uint8Array(128);
  for (let code = 0; code < 128; code++) {
    const letter = String.fromCharCode(code);
    if (/[A-Za-z0-9]/.test(letter) || others.includes(letter)) belongs[code] = 1;
  }
  return (code) => belongs[code] === 1;
}

/** Where the letters of a set end that stand from here on. A plain loop: a repetition in a pattern gives up where a text has millions of them. */
export function endOfRun(text: string, start: number, belongs: LetterSet): number {
  let end = start;
  while (end < text.length && belongs(text.charCodeAt(end))) end++;
  return end;
}

/** The first runs of letters of a set that are long enough. */
export function runsOf(text: string, belongs: LetterSet, { atLeast, atMost }: { atLeast: number; atMost: number }) {
  const runs: string[] = [];
  for (let start = 0; start < text.length && runs.length < atMost; ) {
    const end = endOfRun(text, start, belongs);
    if (end - start >= atLeast) runs.push(text.slice(start, end));
    start = end + 1;
  }
  return runs;
}
