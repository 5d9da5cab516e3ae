import { createInterface } from 'node:readline/promises';
import { SatwayError } from '@satway/base';
import type { ManualEnd, Purchase } from '@satway/client';

const DIGITS = 8;

/**
 * Makes sure that a person means this payment: by the whole hash behind `--yes`, else by its first digits, typed at the terminal.
 *
 * @throws {SatwayError} `CLI_USAGE` where nobody confirms; nothing was changed.
 */
export async function confirmHash({ paymentHashHex }: Purchase, as: ManualEnd, yes: string | undefined): Promise<void> {
  if (yes !== undefined)
    return requireMatch(yes.trim().toLowerCase() === paymentHashHex, '--yes names another payment.');
  const { stdin: input, stderr: output } = process;
  if (!input.isTTY || !output.isTTY) {
    const detail = `There is no terminal to ask at. To end it so from a script: --yes ${paymentHashHex}`;
    throw new SatwayError('CLI_USAGE', { detail });
  }
  const lines = createInterface({ input, output });
  try {
    const question = `This ends ${paymentHashHex} as ${as}, for good. Type the first ${DIGITS} digits of the hash: `;
    const typed = (await lines.question(question)).trim().toLowerCase();
    requireMatch(typed === paymentHashHex.slice(0, DIGITS), 'The digits are others; nothing was changed.');
  } finally {
    lines.close();
  }
}

function requireMatch(matches: boolean, detail: string): void {
  if (!matches) throw new SatwayError('CLI_USAGE', { detail });
}
