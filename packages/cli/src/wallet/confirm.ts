import { createInterface } from 'node:readline/promises';
import { SatwayError } from '@satway/base';

/**
 * Asks the person at the terminal. Nobody there is no yes.
 *
 * @returns whether the answer was yes.
 * @throws {SatwayError} `CLI_USAGE` where there is no terminal to ask at. Funds moved: no.
 */
export async function confirm(question: string): Promise<boolean> {
  const { stdin: input, stderr: output } = process;
  if (!input.isTTY || !output.isTTY) {
    throw new SatwayError('CLI_USAGE', {
      detail: 'There is no terminal to ask at; nothing was paid. Give --yes to pay without asking.',
    });
  }
  const lines = createInterface({ input, output });
  try {
    return /^(y|yes)$/i.test((await lines.question(`${question} [y/N] `)).trim());
  } finally {
    lines.close();
  }
}
