import { SatwayError } from '@satway/base';
import type { BitcoinNetwork } from '@satway/protocol';
import { integerOf, type Json } from '../rest/index.js';
import type { PayingWallet, PaymentLookUp } from '../wallet.js';
import { LnbitsConnection, type LnbitsConnectionOptions } from './connection.js';
import { learnFeeCeiling } from './fee-reserve.js';
import { inspectConnection, readWallet, walletIdOf } from './inspect-lnbits.js';
import { invalid } from './lnbits-error.js';
import { learnNetwork } from './learn-network.js';
import { isFailed, readOwnRow, settledPayment } from './own-row.js';
import { sendPayment } from './send-payment.js';

/** How to reach a wallet that pays; needs its admin key. */
export interface LnbitsPayerOptions extends LnbitsConnectionOptions {
  /** Refuses a wallet on any other one. */
  readonly network?: BitcoinNetwork;
}

/**
 * Connects to one wallet of an LNbits instance that pays, and asks who it is. `identity` is the wallet's id, which an admin key alone is told.
 *
 * LNbits does not tell its network: it is read from the last payment of the wallet over Lightning, and where there is none, from an invoice of 1 sat that is made for this.
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
    return await connect(connection, options.network ?? null);
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function connect(connection: LnbitsConnection, configured: BitcoinNetwork | null): Promise<PayingWallet> {
  const walletId = walletIdOf(await readWallet(connection));
  if (walletId === null) throw needsAdminKey();
  const feeCeilingMsat = await learnFeeCeiling(connection);
  const network = await learnNetwork(connection, walletId);
  if (configured !== null && configured !== network) {
    throw new SatwayError('WALLET_NETWORK_MISMATCH', { detail: `It is on ${network}.` });
  }
  return {
    kind: 'lnbits',
    identity: `lnbits:${walletId}`,
    network,
    refusesSecondPayment: true,
    feeCeilingMsat,
    pay: (request) => sendPayment({ connection, walletId, network }, request),
    lookUp: (paymentHashHex) => lookUp({ connection, walletId, feeCeilingMsat }, paymentHashHex),
    balance: async () => ({ spendableMsat: balanceMsat(await readWallet(connection)) }),
    inspect: () => inspectConnection(connection, network),
    close: () => connection.close(),
  };
}

/** Who asks. */
interface LookingUpAs {
  readonly connection: LnbitsConnection;
  readonly walletId: string;
  readonly feeCeilingMsat: (amountMsat: number) => number;
}

/**
 * A missing row is never a failure, not after the invoice has expired either, since LNbits may still pay an expired invoice of its own instance: so no clock is told with it.
 */
async function lookUp(
  { connection, walletId, feeCeilingMsat }: LookingUpAs,
  paymentHashHex: string,
): Promise<PaymentLookUp> {
  const row = await readOwnRow(connection, paymentHashHex);
  // An invoice of this wallet's own, which says nothing of a payment.
  if (row === null || row.amountMsat > 0) return { state: 'notFound', walletNowMs: null };
  if (row.walletId !== walletId) throw invalid('The record belongs to another wallet.');
  if (row.status === 'pending') return { state: 'inFlight' };
  if (isFailed(row, paymentHashHex)) {
    const detail = 'The wallet’s record says failed.';
    return { state: 'failed', reason: 'other', detail, walletNowMs: row.walletNowMs };
  }
  const settled = settledPayment(row, paymentHashHex, feeCeilingMsat);
  if (settled === null)
    throw invalid('The record of the payment contradicts itself, or shows no preimage of its payment hash.');
  return settled;
}

function balanceMsat(wallet: Json): number {
  const balance = integerOf(wallet, 'balance');
  // A wallet can be overdrawn, by a fee above its reserve; there is nothing to spend then.
  if (balance !== null) return Math.max(0, balance);
  throw invalid('The balance cannot be read.');
}

function needsAdminKey(): SatwayError {
  return new SatwayError('WALLET_PERMISSION_DENIED', {
    detail: 'This is an invoice key of LNbits, which cannot pay. Use the admin key of the wallet.',
  });
}
