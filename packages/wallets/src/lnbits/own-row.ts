import { SatwayError } from '@satway/base';
import { asObject, bookableCost, checkPaymentHash, integerOf, isPreimageOf, type Json, textOf } from '../rest/index.js';
import type { SettledPayment } from '../wallet.js';
import type { LnbitsConnection } from './connection.js';
import { detailOf, invalid, refusedCall } from './lnbits-error.js';

/** What the wallet has written down of a payment hash, as `details` tells it. */
export interface OwnRow {
  readonly status: 'pending' | 'success' | 'failed';
  /** Below zero for what the wallet paid, above for what it sold. */
  readonly amountMsat: number;
  /** `null` where it is no amount. */
  readonly feeMsat: number | null;
  readonly invoice: string;
  readonly walletId: string;
  /** Whose payment this is: read for what the wallet paid, and never for what it sold. */
  readonly preimageHex: string | null;
  readonly walletNowMs: number | null;
}

const CALL = 'GET /api/v1/payments/…';
const NO_ROW = 'Payment does not exist.';

/**
 * Asks for the wallet's own row of a payment hash. Only `details` counts: what stands beside it is shown to anybody, without a key and with a wrong one.
 * May take half a minute while the node holds a payment.
 *
 * @returns `null` where the wallet has no such row, which proves nothing while a request for it may be on its way.
 * @throws {SatwayError} the codes of `InvoiceIssuer`.
 */
export async function readOwnRow(connection: LnbitsConnection, paymentHashHex: string): Promise<OwnRow | null> {
  checkPaymentHash(paymentHashHex);
  const answer = await connection.ask('GET', `/payments/${paymentHashHex}`);
  if (answer.status === 404 && detailOf(answer.json) === NO_ROW) return null;
  if (answer.status !== 200 || answer.json === null) throw refusedCall(CALL, answer);
  const details = asObject(answer.json['details']);
  if (details === null) throw notOurs();
  return ownRow(details, paymentHashHex, answer.walletNowMs);
}

function ownRow(details: Json, paymentHashHex: string, walletNowMs: number | null): OwnRow {
  if (textOf(details, 'payment_hash') !== paymentHashHex) throw invalid(`${CALL}: it is about another payment hash.`);
  const status = textOf(details, 'status');
  if (status !== 'pending' && status !== 'success' && status !== 'failed') {
    throw invalid(`${CALL}: its status is unknown.`);
  }
  const amountMsat = integerOf(details, 'amount');
  const feeMsat = integerOf(details, 'fee');
  // Its sign alone says who paid, so without one nothing is known.
  if (amountMsat === null || amountMsat === 0) throw invalid(`${CALL}: its amount cannot be read.`);
  return {
    status,
    amountMsat,
    // The sign of a fee depends on how it came about; it is always what the wallet paid.
    feeMsat: feeMsat === null ? null : Math.abs(feeMsat),
    invoice: textOf(details, 'bolt11') ?? '',
    walletId: textOf(details, 'wallet_id') ?? '',
    preimageHex: textOf(details, 'preimage'),
    walletNowMs,
  };
}

/**
 * @param feeCeilingMsat - what counts as the fee of an amount where the row names none that can be believed.
 * @returns `null` where the row shows no preimage of this hash, and so proves nothing.
 */
export function settledPayment(
  row: OwnRow,
  paymentHashHex: string,
  feeCeilingMsat: (amountMsat: number) => number,
): SettledPayment | null {
  const { preimageHex, amountMsat, feeMsat } = row;
  if (row.status !== 'success' || preimageHex === null || !isPreimageOf(preimageHex, paymentHashHex)) return null;
  const cost = bookableCost({ amountMsat: -amountMsat, feeMsat, leastAmountMsat: 0, feeCeilingMsat });
  return { state: 'settled', preimageHex, ...cost };
}

/** A record that says failed and shows the preimage contradicts itself. */
export function isFailed({ status, preimageHex }: OwnRow, paymentHashHex: string): boolean {
  return status === 'failed' && !(preimageHex !== null && isPreimageOf(preimageHex, paymentHashHex));
}

function notOurs(): SatwayError {
  return new SatwayError('WALLET_PERMISSION_DENIED', {
    detail: `${CALL}: LNbits answers as to a stranger. The key is not, or not any more, that of the wallet.`,
  });
}
