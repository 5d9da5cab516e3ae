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
export async function confirm(question: string, { input, output }: Terminal = THIS_TERMINAL): Promise<boolean> {
  if (input.isTTY !== true || output.isTTY !== true) {
    throw new SatwayError('CLI_USAGE', {
      detail: 'There is no terminal to ask at; nothing was paid. Give --yes to pay without asking.',
    });
  }
  const lines = createInterface({ input, output });
  const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  try {
    const answer = await Promise.race([lines.question(`${question} [y/N] `), ended]);
    return /^(y|yes)$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
