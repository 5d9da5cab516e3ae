import { SatwayError } from '@satway/base';
import type { BitcoinNetwork } from '@satway/protocol';
import type { PayingWallet, PaymentLookUp, ReadingWallet } from '../wallet.js';
import { LnbitsConnection, type LnbitsConnectionOptions } from './connection.js';
import { learnFeeCeiling } from './fee-reserve.js';
import { inspectConnection, readWallet, walletIdOf } from './inspect-lnbits.js';
import { invalid } from './lnbits-error.js';
import { askNetwork, readNetwork } from './learn-network.js';
import { isFailed, readOwnRow, settledPayment } from './own-row.js';
import { sendPayment } from './send-payment.js';
import { readBalance } from './wallet-balance.js';

/** How to reach a wallet that pays; needs its admin key. */
export interface LnbitsPayerOptions extends LnbitsConnectionOptions {
  /** Refuses a wallet on any other one. */
  readonly network?: BitcoinNetwork;
}

/**
 * Connects to one wallet of an LNbits instance that pays, and asks who it is. `identity` is the wallet's id, which an admin key alone is told.
 *
 * LNbits does not tell its network: it is read from the last payment of the wallet over Lightning. Where there is none, an invoice of 1 sat is made for this, which stands for an
 * hour for whoever connects next; with `network` given not before the first payment.
 *
 * LNbits takes no fee limit: `feeCeilingMsat` is what the instance sets aside, asked for at this moment, and asked again for every invoice before
 * it is paid; a reserve above the limit of a payment means that nothing is sent. `refusesSecondPayment` is true: LNbits writes a row for the payment hash before it pays, under a
 * lock, and refuses every later request for it by that row, pending, paid or failed, whatever node is behind it.
 *
 * @throws {SatwayError} `WALLET_NOT_CONFIGURED`, and the codes of `InvoiceIssuer`; `WALLET_PERMISSION_DENIED` for an invoice key.
 */
export async function connectLnbitsPayer(options: LnbitsPayerOptions): Promise<PayingWallet> {
  const connection = new LnbitsConnection(options);
  try {
    return await payerOf(await find(connection, options.network ?? null));
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/**
 * Connects to the same wallet to read only: who it is, its balance, its payments. Creates nothing, so `network` is `null` where it is neither given nor told by a payment.
 *
 * @throws {SatwayError} as `connectLnbitsPayer` does.
 */
export async function connectLnbitsReader(options: LnbitsPayerOptions): Promise<ReadingWallet> {
  const connection = new LnbitsConnection(options);
  try {
    const found = await find(connection, options.network ?? null);
    return readerOf(found);
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** One wallet, and what is known of it without anything being created. */
interface FoundWallet {
  readonly connection: LnbitsConnection;
  readonly walletId: string;
  readonly feeCeilingMsat: (amountMsat: number) => number;
  readonly configured: BitcoinNetwork | null;
  /** By its payments. */
  readonly told: BitcoinNetwork | null;
}

async function find(connection: LnbitsConnection, configured: BitcoinNetwork | null): Promise<FoundWallet> {
  const found = walletIdOf(await readWallet(connection));
  if (found === 'invoice_key') throw needsAdminKey();
  if (found === 'unreadable') throw invalid('The id of the wallet is none that is known.');
  const walletId = found.id;
  const feeCeilingMsat = await learnFeeCeiling(connection);
  const told = await readNetwork(connection, walletId);
  if (told !== null) checkNetwork(told, configured);
  return { connection, walletId, feeCeilingMsat, configured, told };
}

function checkNetwork(told: BitcoinNetwork, configured: BitcoinNetwork | null): void {
  if (configured === null || configured === told) return;
  throw new SatwayError('WALLET_NETWORK_MISMATCH', { detail: `It is on ${told}.` });
}

function readerOf(found: FoundWallet): ReadingWallet {
  const { connection, walletId } = found;
  const network = found.told ?? found.configured;
  return {
    kind: 'lnbits',
    identity: `lnbits:${walletId}`,
    network,
    lookUp: (paymentHashHex) => lookUp(found, paymentHashHex),
    balance: async () => ({ spendableMsat: await readBalance(connection) }),
    inspect: () => inspectConnection(connection, network),
    close: () => connection.close(),
  };
}

async function payerOf(found: FoundWallet): Promise<PayingWallet> {
  const { connection, walletId, feeCeilingMsat, configured } = found;
  const ask = async (): Promise<BitcoinNetwork> => found.told ?? askNetwork(connection, walletId);
  const network = configured ?? (await ask());
  const checkOnce = once(async () => checkNetwork(await ask(), configured));
  return {
    ...readerOf(found),
    network,
    refusesSecondPayment: true,
    feeCeilingMsat,
    async pay(request) {
      if (configured !== null) await checkOnce();
      return sendPayment({ connection, walletId, network }, request);
    },
    inspect: () => inspectConnection(connection, network),
  };
}

/** Does something until it has gone well once, and never twice at the same time. */
function once(attempt: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null;
  return () => {
    done ??= attempt().catch((error: unknown) => {
      done = null;
      throw error;
    });
    return done;
  };
}

/**
 * A missing row is never a failure, not after the invoice has expired either, since LNbits may still pay an expired invoice of its own instance: so no clock is told with it.
 * A row that failed may have been told so by a record of its node that another program left there, while the request of LNbits itself lay before the node.
 */
async function lookUp(
  { connection, walletId, feeCeilingMsat }: FoundWallet,
  paymentHashHex: string,
): Promise<PaymentLookUp> {
  const row = await readOwnRow(connection, paymentHashHex);
  // An invoice of this wallet's own, which says nothing of a payment.
  if (row === null || row.amountMsat > 0) return { state: 'notFound', walletNowMs: null };
  if (row.walletId !== walletId) throw invalid('The record belongs to another wallet.');
  if (row.status === 'pending') return { state: 'inFlight' };
  if (isFailed(row, paymentHashHex)) {
    const detail = 'The wallet’s record says failed.';
    return { state: 'failed', reason: 'other', detail, walletNowMs: row.walletNowMs, mayBeOfAnother: true };
  }
  const settled = settledPayment(row, paymentHashHex, feeCeilingMsat);
  if (settled === null)
    throw invalid('The record of the payment contradicts itself, or shows no preimage of its payment hash.');
  return settled;
}

function needsAdminKey(): SatwayError {
  return new SatwayError('WALLET_PERMISSION_DENIED', {
    detail: 'This is an invoice key of LNbits, which cannot pay. Use the admin key of the wallet.',
  });
}
