import { SatwayError } from '@satway/base';
import { integerOf, type Json } from '../../rest/index.js';
import { type LndConnectionOptions, LndRest } from '../lnd-rest.js';
import { readPaymentLine, readPaymentRecord } from '../paying/index.js';
import { type Attempt, type OpenChannel, readAttempts, readChannels } from './attempts.js';

/**
 * Where a payment stands, for a person. `stuck`: LND calls it in flight and can never end it, as a kill of LND at the wrong moment leaves it; the money is
 * still in the channel.
 */
export interface LndPaymentDiagnosis {
  readonly verdict: 'settled' | 'failed' | 'inFlight' | 'stuck' | 'notFound';
  /** One or two sentences; no secret. */
  readonly detail: string;
}

/**
 * Finds out whether a payment that LND calls in flight can still move money. It cannot when LND has made attempts, every channel through which they went is
 * open and holds no money for this hash, and the chain is past the time lock of each. Changes nothing: releasing it is for a person.
 *
 * Needs `/routerrpc.Router/TrackPaymentV2` (or `/lnrpc.Lightning/ListPayments`), and for a payment in flight `/lnrpc.Lightning/ListChannels` and `GetInfo`.
 *
 * @throws {SatwayError} the codes of `InvoiceIssuer`, and `WALLET_NOT_CONFIGURED`.
 */
export async function diagnoseLndPayment(
  options: LndConnectionOptions,
  paymentHashHex: string,
): Promise<LndPaymentDiagnosis> {
  const rest = new LndRest(options);
  try {
    const { payment } = await readPaymentRecord(rest, paymentHashHex);
    return payment === null ? NOT_FOUND : await diagnose(rest, paymentHashHex, payment);
  } finally {
    await rest.close();
  }
}

const NOT_FOUND: LndPaymentDiagnosis = {
  verdict: 'notFound',
  detail:
    'LND has no record of this payment; a request for it can still lie in its socket until the invoice has expired.',
};

async function diagnose(rest: LndRest, paymentHashHex: string, payment: Json): Promise<LndPaymentDiagnosis> {
  const line = readPaymentLine(payment, paymentHashHex);
  switch (line.state) {
    case 'settled':
      return { verdict: 'settled', detail: `Paid ${line.amountMsat} msat and ${line.feeMsat} msat in fees.` };
    case 'failed':
      return { verdict: 'failed', detail: `Failed: ${line.detail === '' ? line.reason : line.detail}.` };
    case 'inFlight':
      return diagnoseInFlight(rest, paymentHashHex, payment);
    case 'doubtful':
      throw new SatwayError('WALLET_ANSWER_INVALID', { detail: line.detail });
  }
}

async function diagnoseInFlight(rest: LndRest, paymentHashHex: string, payment: Json): Promise<LndPaymentDiagnosis> {
  const attempts = readAttempts(payment);
  const channels = readChannels(await rest.call('GET', '/v1/channels'));
  const info = await rest.call('GET', '/v1/getinfo');
  const whyAlive = reasonToWait(paymentHashHex, attempts, channels, info);
  if (whyAlive !== null) return { verdict: 'inFlight', detail: whyAlive };
  const again = await readPaymentRecord(rest, paymentHashHex);
  if (!isSame(payment, again.payment)) return { verdict: 'inFlight', detail: 'LND worked on it just now; ask again.' };
  return {
    verdict: 'stuck',
    detail: `LND calls it in flight, but no channel holds money for it and block ${heightOf(info)} is past the time locks of its ${attempts?.length ?? 0} attempts: it will never end by itself.`,
  };
}

/** Why the payment can still end by itself; `null` where nothing speaks for that. */
function reasonToWait(
  paymentHashHex: string,
  attempts: readonly Attempt[] | null,
  channels: readonly OpenChannel[],
  info: Json,
): string | null {
  if (attempts === null) return 'Its attempts cannot be read.';
  if (attempts.length === 0) return 'LND has made no attempt yet.';
  if (channels.some(({ heldHashesHex }) => heldHashesHex.includes(null))) return 'The channels cannot be read.';
  if (channels.some(({ heldHashesHex }) => heldHashesHex.includes(paymentHashHex)))
    return 'A channel holds money for it.';
  const open = new Set(channels.map(({ id }) => id));
  if (attempts.some(({ channelId }) => !open.has(channelId))) {
    return 'A channel that it went through is closed or closing: its money is settled on the chain.';
  }
  return isPast(attempts, info) ? null : 'The time lock of an attempt has not passed yet.';
}

/** A node that has not caught up with the chain tells a height that is too low, which errs to the safe side. */
function isPast(attempts: readonly Attempt[], info: Json): boolean {
  const height = heightOf(info);
  return attempts.every(({ timeLock }) => height > timeLock);
}

function heightOf(info: Json): number {
  const height = integerOf(info, 'block_height');
  if (height !== null) return height;
  throw new SatwayError('WALLET_ANSWER_INVALID', { detail: 'getinfo names no block height.' });
}

/** The record did not change while the channels were read: the same attempts, in the same states. */
function isSame(before: Json, after: Json | null): boolean {
  const fingerprint = (payment: Json): string => JSON.stringify([payment['status'], payment['htlcs']]);
  return after !== null && fingerprint(before) === fingerprint(after);
}
