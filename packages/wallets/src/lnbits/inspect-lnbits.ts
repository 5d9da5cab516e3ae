import type { BitcoinNetwork } from '@satway/protocol';
import { type Json, textOf } from '../rest/index.js';
import type { WalletInspection } from '../wallet.js';
import { LnbitsConnection, type LnbitsConnectionOptions } from './connection.js';
import { refusedCall } from './lnbits-error.js';

const CALL = 'GET /api/v1/wallet';

/** @throws {SatwayError} the codes of `InvoiceIssuer`; `WALLET_PERMISSION_DENIED` where LNbits does not know the key. */
export async function readWallet(connection: LnbitsConnection): Promise<Json> {
  const answer = await connection.ask('GET', '/wallet');
  if (answer.status === 200 && answer.json !== null && textOf(answer.json, 'name') !== null) return answer.json;
  throw refusedCall(CALL, answer);
}

/** Only the holder of the admin key is told the wallet's id: `invoice_key` where there is none, `unreadable` for something else than an id. */
export function walletIdOf(wallet: Json): { readonly id: string } | 'invoice_key' | 'unreadable' {
  if (!Object.hasOwn(wallet, 'id')) return 'invoice_key';
  const id = textOf(wallet, 'id');
  return id !== null && /^[0-9A-Za-z_-]{1,64}$/.test(id) ? { id } : 'unreadable';
}

const BEYOND_INVOICES = [
  'pay invoices (admin key)',
  'share the wallet with other accounts and change it (admin key)',
] as const;

/**
 * What a key of LNbits allows, by one call that changes nothing. LNbits has two keys for a wallet, and none that is smaller: so the admin key is as small as one that
 * pays can be, and the invoice key as small as one that receives or reads.
 *
 * @throws {SatwayError} `WALLET_NOT_CONFIGURED`, and the codes of `InvoiceIssuer`; `WALLET_PERMISSION_DENIED` for a key that LNbits does not know.
 */
export async function inspectLnbits(
  options: LnbitsConnectionOptions & { readonly network?: BitcoinNetwork },
): Promise<WalletInspection> {
  const connection = new LnbitsConnection(options);
  try {
    return await inspectConnection(connection, options.network ?? null);
  } finally {
    await connection.close();
  }
}

export async function inspectConnection(
  connection: LnbitsConnection,
  network: BitcoinNetwork | null,
): Promise<WalletInspection> {
  const found = walletIdOf(await readWallet(connection));
  const isAdmin = found === 'unreadable' ? null : found !== 'invoice_key';
  const beyond = isAdmin === null ? null : isAdmin ? BEYOND_INVOICES : [];
  return {
    kind: 'lnbits',
    network,
    can: { pay: isAdmin, createInvoice: true, read: true, administer: isAdmin },
    excess: { pay: [], receive: beyond, read: beyond },
    howToNarrow: {
      pay: 'Make a wallet of its own for this purpose in LNbits, keep in it what may be lost, and use its admin key: LNbits has no smaller key that pays.',
      receive: 'Use the wallet’s invoice key: in LNbits open the wallet, then “API keys and API docs”.',
      read: 'Use the wallet’s invoice key: LNbits has none that only reads. It also creates invoices, and shows the preimages of unpaid ones.',
    },
  };
}
