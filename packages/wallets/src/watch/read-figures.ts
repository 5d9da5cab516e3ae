import { isSatwayError } from '@satway/base';
import type { WalletFigures } from './watch-event.js';
import type { WatchedPayer, WatchedReceiver } from './watch-options.js';

/**
 * Asks a wallet what it has, with calls that move and create nothing.
 *
 * @throws whatever the wallet throws, but for the refusal of a credential that is good and only may not ask for this figure. One that is not taken at all, since it
 * ended or was withdrawn, can pay nothing either.
 */
export async function readFigures(wallet: WatchedPayer | WatchedReceiver): Promise<WalletFigures> {
  const balanceMsat =
    'balance' in wallet ? await unlessDenied(async () => (await wallet.balance()).spendableMsat) : null;
  const inboundMsat = 'receivableMsat' in wallet ? await readInbound(wallet) : null;
  return { balanceMsat, inboundMsat };
}

/** A payment hash that no preimage of anybody's will ever have. */
const NOBODYS_HASH = '0'.repeat(64);

/** A wallet that tells no bound may not have been asked at all, so it is asked for an invoice, which every credential that sells can look up. */
async function readInbound(wallet: WatchedReceiver): Promise<number | null> {
  const inboundMsat = await unlessDenied(() => wallet.receivableMsat());
  if (inboundMsat === null) await wallet.lookUp(NOBODYS_HASH);
  return inboundMsat;
}

/** Wallets whose credentials can lack the right to ask name it in `facts.missingPermission`. */
async function unlessDenied<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    const lacksTheRight = isSatwayError(error, 'WALLET_PERMISSION_DENIED') && 'missingPermission' in error.facts;
    if (lacksTheRight) return null;
    throw error;
  }
}
