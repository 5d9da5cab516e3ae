import { SatwayError } from '@satway/base';
import { textOf } from '../rest/index.js';
import { formatConnectionUri } from './connection-uri.js';
import { isPubkey, newNostrKey } from './nostr/index.js';
import { type NwcConnectionOptions, NwcService } from './nwc-service.js';

/** What a child connection may do. */
export interface ConnectionToMint {
  /** By which the wallet's owner knows it. */
  readonly name: string;
  /** Of NIP-47, such as `pay_invoice`; at least one. */
  readonly methods: readonly string[];
  /** What it may spend in one period; without it the wallet's own default holds, which may be everything. Positive safe integer. */
  readonly maxAmountMsat?: number;
  /** When the budget begins anew; `never` by default. */
  readonly budgetRenewal?: 'daily' | 'weekly' | 'monthly' | 'yearly' | 'never';
  readonly expiresAtMs?: number;
}

/**
 * Has the wallet make another connection with a budget and an expiry of its own, by `create_connection` (an extension of NIP-47 that some wallets
 * know). Its secret is made here and never leaves.
 *
 * @returns the connection URI of the child: a secret.
 * @throws {SatwayError} `WALLET_PERMISSION_DENIED` where the connection or the wallet does not know it; the codes of `InvoiceIssuer`, and
 *   `WALLET_NOT_CONFIGURED`.
 */
export async function mintNwcConnection(options: NwcConnectionOptions, child: ConnectionToMint): Promise<string> {
  checkChild(child);
  const service = new NwcService(options);
  const { pubkeyHex, secretHex } = newNostrKey();
  try {
    const made = await service.call('create_connection', parametersOf(child, pubkeyHex));
    const walletPubkeyHex = (textOf(made, 'wallet_pubkey') ?? '').toLowerCase();
    if (!isPubkey(walletPubkeyHex)) {
      throw new SatwayError('WALLET_ANSWER_INVALID', { detail: 'create_connection names no public key.' });
    }
    const { relayUrls, lud16 } = service.connection;
    return formatConnectionUri({ walletPubkeyHex, secretHex, relayUrls, lud16 });
  } finally {
    await service.close();
  }
}

function parametersOf(child: ConnectionToMint, pubkey: string): Readonly<Record<string, unknown>> {
  const { name, methods, maxAmountMsat, budgetRenewal, expiresAtMs } = child;
  return {
    pubkey,
    name,
    request_methods: methods,
    ...(maxAmountMsat === undefined ? {} : { max_amount: maxAmountMsat, budget_renewal: budgetRenewal ?? 'never' }),
    ...(expiresAtMs === undefined ? {} : { expires_at: Math.floor(expiresAtMs / 1000) }),
  };
}

function checkChild({ methods, maxAmountMsat, expiresAtMs }: ConnectionToMint): void {
  const isWrong = (value: number | undefined): boolean =>
    value !== undefined && !(Number.isSafeInteger(value) && value > 0);
  if (methods.length > 0 && !isWrong(maxAmountMsat) && !isWrong(expiresAtMs)) return;
  throw new SatwayError('WALLET_REFUSED', {
    detail: 'A connection needs methods, and its budget and expiry are positive whole numbers.',
  });
}
