import { isSatwayError } from '@satway/base';
import type { Egress } from '@satway/egress';
import { excessLndPowers } from '@satway/wallets/lnd';
import { openReceivingWallet } from '@satway/wallets/open-wallet';
import type { InvoiceIssuer, ReceivingWallet } from '@satway/wallets';
import type { WalletConfig } from '../config/index.js';
import type { Logger } from '../logs/index.js';

/** The hash of no invoice: looking it up shows whether the wallet answers and what its credential may do. */
const NO_HASH = '0'.repeat(64);

/**
 * Opens a configured wallet; nothing is sent yet.
 *
 * @throws {SatwayError} `WALLET_NOT_CONFIGURED` for a credential or certificate that cannot be read.
 */
export function openWallet({ settings }: WalletConfig, egress: Egress): Promise<ReceivingWallet> {
  return openReceivingWallet(settings, { egress });
}

/** Names what a thief of this gateway could do with the wallet's credential beyond receiving. */
export function warnOfExcessPowers({ settings }: WalletConfig, logger: Logger): void {
  if (settings.kind !== 'lnd') return;
  const powers = excessLndPowers({ macaroonHex: settings.macaroonHex }, 'issue') ?? [];
  if (powers.length === 0) return;
  logger.warn(
    { powers },
    'the wallet credential can do more than receive; bake one for invoices:read and invoices:write',
  );
}

/** A wallet that does not answer stops new sales only, so it is a warning. */
export async function warnWhereWalletFails(issuer: InvoiceIssuer, logger: Logger): Promise<void> {
  try {
    await issuer.lookUp(NO_HASH);
  } catch (error) {
    const code = isSatwayError(error) ? error.code : 'INTERNAL';
    logger.warn(
      { code, error },
      'the wallet does not answer: nothing can be sold until it does; what was paid for is honoured',
    );
  }
}
