import { SatwayError } from '@satway/base';
import type { InvoiceIssuer, InvoiceState } from '@satway/wallets';
import { LRUCache } from 'lru-cache';
import type { ClaimStore } from '../claim-store/index.js';

/** What the wallet said of an invoice; `none`: nothing, in time. */
export type WalletAnswer = InvoiceState['state'] | 'too_little' | 'none';

/** Whether a payment may be used. */
export type Confirmation =
  | { readonly outcome: 'confirmed' }
  /** The wallet has not been credited, or with less than the price. */
  | { readonly outcome: 'unsettled'; readonly retryAfterMs: number }
  /** The wallet or, where it says so, the store could not be asked; nothing is known. */
  | {
      readonly outcome: 'unanswered';
      readonly from: 'wallet' | 'store';
      readonly retryAfterMs: number;
      readonly cause?: unknown;
    };

export interface SettlementDeskOptions {
  readonly tenantId: string;
  readonly issuer: Pick<InvoiceIssuer, 'lookUp'>;
  readonly claimStore: Pick<ClaimStore, 'knows'>;
  readonly clock: () => number;
  /** Told once for each time the wallet was asked. */
  readonly onAnswer: (paymentHashHex: string, answer: WalletAnswer, cause?: unknown) => void;
}

type Finding = { readonly receivedMsat: number } | Exclude<Confirmation, { outcome: 'confirmed' }>;

const MAX_CONFIRMED = 50_000;
const MAX_UNSETTLED = 10_000;
const MAX_LOOK_UPS = 32;
const TIME_LIMIT_MS = 10_000;
/** A payment on its way is credited within moments. */
const PENDING_RETRY_MS = 1_000;
/** Closed, unknown or short: that mends itself seldom. */
const REFUSED_RETRY_MS = 5_000;
const WALLET_RETRY_MS = 5_000;
const BUSY_RETRY_MS = 1_000;
const STORE_RETRY_MS = 1_000;
/** A payment in the store was confirmed before its first claim. */
const CLAIMED_BEFORE = { receivedMsat: Number.POSITIVE_INFINITY };

/**
 * Asks the wallet whether a payment has settled before it is used for the first time: for wallets whose preimages can be had without paying. A
 * payment that was claimed before is not asked for again, on whatever replica and after whatever restart: its record in the store says so.
 *
 * News of the wallet (`onSettled`) confirm nothing: some wallets let anybody post them.
 */
export class SettlementDesk {
  readonly #options: SettlementDeskOptions;
  readonly #confirmed = new LRUCache<string, number>({ max: MAX_CONFIRMED });
  readonly #unsettled = new LRUCache<string, { readonly refusedAtMs: number; readonly waitMs: number }>({
    max: MAX_UNSETTLED,
  });
  readonly #underWay = new Map<string, Promise<Finding>>();
  #lookUps = 0;

  constructor(options: SettlementDeskOptions) {
    this.#options = options;
  }

  /** Whether it is known without asking anybody. */
  isConfirmed(paymentHashHex: string, priceMsat: number): boolean {
    const receivedMsat = this.#confirmed.get(paymentHashHex);
    return receivedMsat !== undefined && receivedMsat >= priceMsat;
  }

  /** Never rejects. Whoever asks for one hash at the same time shares the question. */
  async confirm(paymentHashHex: string, priceMsat: number): Promise<Confirmation> {
    if (this.isConfirmed(paymentHashHex, priceMsat)) return { outcome: 'confirmed' };
    const retryAfterMs = this.#waitLeftMs(paymentHashHex);
    if (retryAfterMs > 0) return { outcome: 'unsettled', retryAfterMs };
    const finding = await this.#find(paymentHashHex, priceMsat);
    if ('outcome' in finding) return finding;
    return finding.receivedMsat >= priceMsat
      ? { outcome: 'confirmed' }
      : this.#refuse(paymentHashHex, REFUSED_RETRY_MS);
  }

  #find(paymentHashHex: string, priceMsat: number): Promise<Finding> {
    const underWay = this.#underWay.get(paymentHashHex);
    if (underWay !== undefined) return underWay;
    const work = this.#ask(paymentHashHex, priceMsat).finally(() => this.#underWay.delete(paymentHashHex));
    this.#underWay.set(paymentHashHex, work);
    return work;
  }

  async #ask(paymentHashHex: string, priceMsat: number): Promise<Finding> {
    const { claimStore, tenantId } = this.#options;
    try {
      if (await claimStore.knows({ tenantId, paymentHashHex })) return this.#keep(paymentHashHex, CLAIMED_BEFORE);
    } catch (cause) {
      return { outcome: 'unanswered', from: 'store', retryAfterMs: STORE_RETRY_MS, cause };
    }
    if (this.#lookUps >= MAX_LOOK_UPS) return this.#unanswered(paymentHashHex, BUSY_RETRY_MS, tooManyLookUps());
    try {
      return this.#judge(paymentHashHex, priceMsat, await this.#lookUp(paymentHashHex));
    } catch (cause) {
      return this.#unanswered(paymentHashHex, WALLET_RETRY_MS, cause);
    }
  }

  async #lookUp(paymentHashHex: string): Promise<InvoiceState> {
    this.#lookUps += 1;
    try {
      return await withinTimeLimit(this.#options.issuer.lookUp(paymentHashHex));
    } finally {
      this.#lookUps -= 1;
    }
  }

  #judge(paymentHashHex: string, priceMsat: number, state: InvoiceState): Finding {
    if (state.state !== 'settled') {
      this.#options.onAnswer(paymentHashHex, state.state);
      const isPending = state.state === 'open' || state.state === 'held';
      return this.#refuse(paymentHashHex, isPending ? PENDING_RETRY_MS : REFUSED_RETRY_MS);
    }
    const receivedMsat = state.amountReceivedMsat;
    this.#options.onAnswer(paymentHashHex, receivedMsat >= priceMsat ? 'settled' : 'too_little');
    return this.#keep(paymentHashHex, { receivedMsat });
  }

  #keep(paymentHashHex: string, found: { readonly receivedMsat: number }): Finding {
    this.#confirmed.set(paymentHashHex, found.receivedMsat);
    return found;
  }

  /** A clock that was set back makes nobody wait longer. */
  #waitLeftMs(paymentHashHex: string): number {
    const refusal = this.#unsettled.get(paymentHashHex);
    if (refusal === undefined) return 0;
    const ageMs = this.#options.clock() - refusal.refusedAtMs;
    return ageMs < 0 ? 0 : refusal.waitMs - ageMs;
  }

  /** Remembered for as long as the caller is told to wait: a credential that is sent again and again does not ask the wallet each time. */
  #refuse(paymentHashHex: string, retryAfterMs: number): Extract<Confirmation, { outcome: 'unsettled' }> {
    this.#unsettled.set(paymentHashHex, { refusedAtMs: this.#options.clock(), waitMs: retryAfterMs });
    return { outcome: 'unsettled', retryAfterMs };
  }

  #unanswered(paymentHashHex: string, retryAfterMs: number, cause: unknown): Finding {
    this.#options.onAnswer(paymentHashHex, 'none', cause);
    return { outcome: 'unanswered', from: 'wallet', retryAfterMs, cause };
  }
}

function tooManyLookUps(): SatwayError {
  return new SatwayError('WALLET_TIMEOUT', { detail: `${MAX_LOOK_UPS} look-ups are under way.` });
}

/** Whatever the wallet says later is not waited for, and not believed. */
async function withinTimeLimit<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new SatwayError('WALLET_TIMEOUT')), TIME_LIMIT_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
