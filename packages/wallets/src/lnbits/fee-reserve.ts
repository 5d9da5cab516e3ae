import { randomBytes } from 'node:crypto';
import { encodeInvoice } from '@satway/protocol';
import { integerOf } from '../rest/index.js';
import type { LnbitsConnection } from './connection.js';
import { refusedCall } from './lnbits-error.js';

const CALL = 'GET /api/v1/payments/fee-reserve';
/** 1, 10, 100, 10,000 and 1,000,000 sat. */
const PROBES_MSAT = [1000, 10_000, 100_000, 10_000_000, 1_000_000_000] as const;

/** What LNbits sets aside for the fee of one payment, and the instance's clock at that moment. */
export interface FeeReserve {
  readonly reserveMsat: number;
  readonly walletNowMs: number | null;
}

/**
 * What LNbits sets aside for the fees of this very invoice: it hands that to its node as the limit, adds the instance's own service fee, and takes no limit from the caller.
 *
 * @throws {SatwayError} the codes of `InvoiceIssuer`; nothing was sent.
 */
export async function readFeeReserve(
  connection: LnbitsConnection,
  invoice: string,
  deadlineMs?: number,
): Promise<FeeReserve> {
  const path = `/payments/fee-reserve?invoice=${encodeURIComponent(invoice)}`;
  const answer = await connection.ask('GET', path, undefined, deadlineMs);
  const reserveMsat = answer.json === null ? null : integerOf(answer.json, 'fee_reserve');
  if (answer.status !== 200 || reserveMsat === null || reserveMsat < 0) throw refusedCall(CALL, answer);
  return { reserveMsat, walletNowMs: answer.walletNowMs };
}

/**
 * Learns how LNbits reckons its reserve, `max(LNBITS_RESERVE_FEE_MIN, LNBITS_RESERVE_FEE_PERCENT)` and perhaps a service fee, by asking for the reserve of invoices that
 * nobody issued.
 *
 * @returns the ceiling for an amount; where the instance takes a service fee, up to twice what it asks.
 */
export async function learnFeeCeiling(connection: LnbitsConnection): Promise<(amountMsat: number) => number> {
  const reserves = await Promise.all(
    PROBES_MSAT.map(async (amountMsat) => {
      const { reserveMsat } = await readFeeReserve(connection, probeInvoice(amountMsat));
      return { amountMsat, reserveMsat };
    }),
  );
  return feeCeiling(reserves);
}

interface Probe {
  readonly amountMsat: number;
  readonly reserveMsat: number;
}

/** A minimum and a percentage explain what most instances answer; what they do not explain is bounded from above. */
function feeCeiling([least, ...others]: readonly Probe[]): (amountMsat: number) => number {
  const leastMsat = least?.reserveMsat ?? 0;
  const most = others.at(-1);
  const share = most === undefined || most.reserveMsat === leastMsat ? 0 : most.reserveMsat / most.amountMsat;
  const plain = (amountMsat: number): number => Math.max(leastMsat, Math.ceil(amountMsat * share));
  if (others.every(({ amountMsat, reserveMsat }) => plain(amountMsat) >= reserveMsat)) return plain;
  const steps = others.map((each) => (each.reserveMsat - leastMsat) / (each.amountMsat - (least?.amountMsat ?? 0)));
  // A service fee that ends at a maximum rises at first, the percentage of the reserve only later: together they never rise faster than both.
  const steepest = Math.max(...steps) + share;
  return (amountMsat) => leastMsat + Math.ceil(amountMsat * steepest);
}

/** Nobody can pay it: its key, hash and secret are thrown away. */
function probeInvoice(amountMsat: number): string {
  return encodeInvoice(
    {
      network: 'bitcoin',
      amountMsat: BigInt(amountMsat),
      timestampSeconds: Math.floor(Date.now() / 1000),
      paymentHashHex: randomBytes(32).toString('hex'),
      paymentSecretHex: randomBytes(32).toString('hex'),
      description: 'fee reserve',
    },
    randomBytes(32),
  );
}
