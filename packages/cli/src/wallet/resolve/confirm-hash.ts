import { SatwayError } from '@satway/base';
import type { ManualEnd, Purchase } from '@satway/client';
import { ask, type Terminal } from '../confirm.js';

const DIGITS = 8;

/** What is ended, and what the command line says to it. */
export interface EndToConfirm {
  readonly purchase: Pick<Purchase, 'paymentHashHex'>;
  readonly as: ManualEnd;
  /** The whole payment hash, where a script confirms by `--yes`. */
  readonly yes: string | undefined;
}

/**
 * Makes sure that a person means this payment: by the whole hash behind `--yes`, else by its first digits, typed at the terminal.
 *
 * @throws {SatwayError} `CLI_USAGE` where nobody confirms; nothing was changed.
 */
export async function confirmHash({ purchase, as, yes }: EndToConfirm, terminal?: Terminal): Promise<void> {
  const { paymentHashHex } = purchase;
  if (yes !== undefined)
    return requireMatch(yes.trim().toLowerCase() === paymentHashHex, '--yes names another payment.');
  const nobodyThere = `There is no terminal to ask at. To end it so from a script: --yes ${paymentHashHex}`;
  const question = `This ends ${paymentHashHex} as ${as}, for good. Type the first ${DIGITS} digits of the hash: `;
  const typed = await ask(question, nobodyThere, terminal);
  requireMatch(typed.toLowerCase() === paymentHashHex.slice(0, DIGITS), 'The digits are others; nothing was changed.');
}

function requireMatch(matches: boolean, detail: string): void {
  if (!matches) throw new SatwayError('CLI_USAGE', { detail });
}
