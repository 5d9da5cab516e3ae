import { createInterface } from 'node:readline/promises';
import { SatwayError } from '@satway/base';

/** Where a person sits: both ends of a terminal. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

const THIS_TERMINAL: Terminal = { input: process.stdin, output: process.stderr };

/**
 * Asks the person at the terminal. Nobody there is no yes, nor is an end of input.
 *
 * @returns whether the answer was yes.
 * @throws {SatwayError} `CLI_USAGE` where there is no terminal to ask at. Funds moved: no.
 */
export async function confirm(question: string, terminal: Terminal = THIS_TERMINAL): Promise<boolean> {
  const nobodyThere = 'There is no terminal to ask at; nothing was paid. Give --yes to pay without asking.';
  return /^(y|yes)$/i.test(await ask(`${question} [y/N] `, nobodyThere, terminal));
}

/**
 * What the person at the terminal types, without the space around it; empty at the end of the input.
 *
 * @throws {SatwayError} `CLI_USAGE` with `nobodyThere` as detail where there is no terminal to ask at.
 */
export async function ask(
  question: string,
  nobodyThere: string,
  { input, output }: Terminal = THIS_TERMINAL,
): Promise<string> {
  if (input.isTTY !== true || output.isTTY !== true) throw new SatwayError('CLI_USAGE', { detail: nobodyThere });
  const lines = createInterface({ input, output });
  const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  try {
    return (await Promise.race([lines.question(question), ended])).trim();
  } finally {
    lines.close();
  }
}
