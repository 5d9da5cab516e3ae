import { isSatwayError, SatwayError } from '@satway/base';
import { decodeInvoice } from '@satway/protocol';
import type { InvoicePayer, PaymentOutcome, PayRequest } from '../../wallet.js';

/** What was sent for one payment hash in the case that runs now. */
interface Sent {
  readonly payer: InvoicePayer;
  readonly outcomes: PaymentOutcome[];
  worstMsat: number;
}

export interface SpendingLimitOptions {
  /** Lets wallets pay that cannot bound their fees: one payment of such a wallet can pass the limit. */
  readonly allowUnboundedFees?: boolean;
}

/** A balance may be told in whole sats. */
const BALANCE_SLACK_MSAT = 999;

/**
 * What a test run may take out of the user's wallets, fees included. No payment leaves that could pass the limit, whatever the wallets did before: what is
 * under way or unknown counts in full until it is known not to settle. A wallet that cannot bound its fees
 * can pass any limit, so that it pays nobody unless that was allowed; then it is taken to need as much again as the amount. Once a payment cost more than
 * it could, nothing more is sent.
 */
export class SpendingLimit {
  #bookedMsat = 0;
  /** Of payments of earlier cases of which nobody knows the end. */
  #heldMsat = 0;
  #sent = new Map<string, Sent>();
  #isPassed = false;
  #somebodyIsPaid = true;
  readonly #allowUnboundedFees: boolean;

  constructor(
    readonly limitMsat: number,
    { allowUnboundedFees = false }: SpendingLimitOptions = {},
  ) {
    this.#allowUnboundedFees = allowUnboundedFees;
  }

  /** What the wallets' books, or at least the wallets, say was spent. */
  get spentMsat(): number {
    return this.#bookedMsat;
  }

  get leftMsat(): number {
    const underWay = [...this.#sent.values()].reduce((sum, { worstMsat }) => sum + worstMsat, 0);
    return this.limitMsat - this.#bookedMsat - this.#heldMsat - underWay;
  }

  /**
   * Whether the payments of the case that begins have a payee. Where they have none (invoices of nobody, no invoices at all), no fee is ever due, whatever
   * the wallet bounds.
   */
  beginCase({ somebodyIsPaid }: { readonly somebodyIsPaid: boolean }): void {
    this.#somebodyIsPaid = somebodyIsPaid;
  }

  /** Why this wallet may pay nobody; `null` where it may, as far as the limit goes. */
  whyNothingIsPaid(payer: InvoicePayer): string | null {
    if (this.#isPassed) return 'A payment cost more than it could, so nothing more is paid.';
    if (this.#allowUnboundedFees || payer.feeCeilingMsat(1000) !== null) return null;
    return 'This wallet cannot bound its fees, so no limit holds: it pays only where unbounded fees are allowed.';
  }

  /** The same wallet, which refuses with `WALLET_SPENDING_LIMIT` before it sends what could pass the limit. */
  guard(payer: InvoicePayer): InvoicePayer {
    return {
      identity: payer.identity,
      network: payer.network,
      refusesSecondPayment: payer.refusesSecondPayment,
      feeCeilingMsat: (amountMsat) => payer.feeCeilingMsat(amountMsat),
      lookUp: (paymentHashHex) => payer.lookUp(paymentHashHex),
      balance: () => payer.balance(),
      pay: (request) => this.#pay(payer, request),
    };
  }

  async #pay(payer: InvoicePayer, request: PayRequest): Promise<PaymentOutcome> {
    const why = this.whyNothingIsPaid(payer);
    if (why !== null && (this.#somebodyIsPaid || this.#isPassed)) {
      throw new SatwayError('WALLET_SPENDING_LIMIT', { detail: why });
    }
    const worstMsat = worstCostMsat(payer, request);
    if (worstMsat > this.leftMsat) throw limitReached(worstMsat, this.leftMsat);
    const sent = this.#sent.get(request.paymentHashHex) ?? { payer, outcomes: [], worstMsat: 0 };
    sent.worstMsat += worstMsat;
    this.#sent.set(request.paymentHashHex, sent);
    try {
      const outcome = await payer.pay(request);
      sent.outcomes.push(outcome);
      if (outcome.state === 'settled') this.#compare(outcome.amountMsat + outcome.feeMsat, sent.worstMsat);
      return outcome;
    } catch (error) {
      if (provesNothingSent(error)) sent.worstMsat -= worstMsat;
      else sent.outcomes.push({ state: 'unknown', detail: 'The wallet threw.' });
      throw error;
    }
  }

  /**
   * Ends a case: what it sent is looked up and booked.
   *
   * @param balanceDropMsat - how much less the paying wallet has than before the case; `null` where it tells no balance. The larger of this and what
   *   the wallet says of its payments is booked.
   * @returns what the case cost.
   */
  async bookCase(balanceDropMsat: number | null): Promise<number> {
    let toldMsat = 0;
    let worstMsat = 0;
    for (const [paymentHashHex, sent] of this.#sent) {
      const costMsat = await costOf(paymentHashHex, sent);
      if (costMsat === null) this.#heldMsat += sent.worstMsat;
      else toldMsat += costMsat;
      this.#compare(costMsat ?? 0, sent.worstMsat);
      worstMsat += sent.worstMsat;
    }
    this.#compare((balanceDropMsat ?? 0) - BALANCE_SLACK_MSAT, worstMsat);
    this.#sent = new Map();
    const costMsat = Math.max(balanceDropMsat ?? 0, toldMsat);
    this.#bookedMsat += costMsat;
    return costMsat;
  }

  #compare(costMsat: number, worstMsat: number): void {
    if (costMsat > worstMsat) this.#isPassed = true;
  }
}

/** What is paid is what stands in the invoice, whatever its issuer says; a wallet that keeps no fee limit is given room for as much again. */
function worstCostMsat(payer: InvoicePayer, { invoice, amountMsat: toldMsat, feeLimitMsat }: PayRequest): number {
  const decoded = decodeInvoice(invoice);
  const amountMsat = Math.max(toldMsat, decoded.ok ? Number(decoded.value.amountMsat ?? 0n) : 0);
  return amountMsat + Math.max(feeLimitMsat, payer.feeCeilingMsat(amountMsat) === null ? amountMsat : 0);
}

/** A wallet is to throw before anything was sent only, and says so; one that breaks in another way may have sent it. */
function provesNothingSent(error: unknown): boolean {
  return isSatwayError(error) && error.fundsMoved === 'no' && error.facts['requestMayHaveBeenSent'] !== true;
}

/** `null` where the end is not known. */
async function costOf(paymentHashHex: string, { payer, outcomes }: Sent): Promise<number | null> {
  const settled = outcomes.find((outcome) => outcome.state === 'settled');
  if (settled?.state === 'settled') return settled.amountMsat + settled.feeMsat;
  const found = await payer.lookUp(paymentHashHex).catch(() => null);
  if (found?.state === 'settled') return found.amountMsat + found.feeMsat;
  const allFailed = outcomes.every(({ state }) => state === 'failed');
  return allFailed || found?.state === 'failed' ? 0 : null;
}

function limitReached(worstMsat: number, leftMsat: number): SatwayError {
  return new SatwayError('WALLET_SPENDING_LIMIT', {
    detail: `It could cost ${worstMsat} msat, and ${Math.max(0, leftMsat)} msat of the limit are left.`,
  });
}
