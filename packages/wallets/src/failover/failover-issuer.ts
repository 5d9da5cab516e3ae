import { SatwayError } from '@satway/base';
import { findTimeFault } from '../issued-times.js';
import type { BitcoinNetwork, InvoiceRequest, InvoiceState, IssuedInvoice, ReceivingWallet } from '../wallet.js';
import { checkFailoverOptions, type FailoverOptions } from './failover-options.js';
import { GuardedWallet, isWalletFailure } from './guarded-wallet.js';
import { IssuerOf } from './issuer-of.js';
import { lookUpEverywhere } from './look-up-everywhere.js';
import { inspectAll } from './merged-inspection.js';

/**
 * Several wallets that receive as one: invoices come from the first in the list that works.
 *
 * - Each has a circuit breaker. One that cannot be reached, does not answer in time or answers nonsense is left for the next, and tried again after a pause; so is one whose clock is
 *   off, or that gives a payment hash again.
 *   After a refusal the next is asked too, but nobody is left alone for it. Another network is no failure: it is thrown.
 * - A payment hash belongs to the wallet that issued it. It is looked up there and nowhere else, and no other wallet is ever asked to issue or settle it: an
 *   invoice that an LNbits settled in its own books stays open at the node below, which knows nothing of that. Where nobody remembers who issued it (after
 *   a restart, on another replica, or after 10,000 others) all wallets are asked: settled at one is settled, and `notFound` is what all of them say.
 *
 * There is no counterpart for paying, and there will be none: a payment of which one wallet does not know the end must not be sent by another. The list takes
 * wallets that receive, and what is made of it cannot pay.
 *
 * @throws {SatwayError} `WALLET_NOT_CONFIGURED` for an empty list or options that are none, `WALLET_NETWORK_MISMATCH` where two wallets are known to be on
 * different networks.
 */
export function createFailoverIssuer(list: readonly ReceivingWallet[], options: FailoverOptions = {}): ReceivingWallet {
  const wallets = [...list];
  const issuer = new FailoverIssuer(wallets, options);
  return {
    kind: issuer.first.kind,
    preimageIsProof: wallets.every(({ preimageIsProof }) => preimageIsProof),
    get network() {
      return issuer.network;
    },
    create: (request) => issuer.create(request),
    lookUp: (paymentHashHex) => issuer.lookUp(paymentHashHex),
    isWithdrawn: (paymentHashHex) => issuer.isWithdrawn(paymentHashHex),
    inspect: () => inspectAll(wallets),
    receivableMsat: () => issuer.receivableMsat(),
    close: async () => void (await Promise.all(wallets.map((wallet) => wallet.close()))),
    ...onSettledOf(wallets),
  };
}

/** Only where every wallet tells: news of some of them would look like news of all. */
function onSettledOf(wallets: readonly ReceivingWallet[]): Pick<ReceivingWallet, 'onSettled'> {
  if (!wallets.every((wallet) => wallet.onSettled !== undefined)) return {};
  return {
    onSettled(listener) {
      const stops = wallets.map((wallet) => wallet.onSettled?.(listener));
      return () => stops.forEach((stop) => stop?.());
    },
  };
}

class FailoverIssuer {
  readonly first: ReceivingWallet;
  readonly #guarded: readonly GuardedWallet[];
  readonly #issuerOf = new IssuerOf<ReceivingWallet>();
  readonly #onSwitch: FailoverOptions['onSwitch'];
  readonly #clock: () => number;
  /** Of the first wallet that told its own; the others must be on it too. */
  #network: BitcoinNetwork | null = null;
  #issuingNow = 0;

  constructor(wallets: readonly ReceivingWallet[], options: FailoverOptions) {
    const { failuresToOpen, halfOpenAfterMs } = checkFailoverOptions(options);
    const [first] = wallets;
    if (first === undefined) {
      throw new SatwayError('WALLET_NOT_CONFIGURED', { detail: 'There is no wallet in the list.' });
    }
    this.first = first;
    this.#guarded = wallets.map((wallet) => new GuardedWallet(wallet, failuresToOpen, halfOpenAfterMs));
    this.#onSwitch = options.onSwitch;
    this.#clock = options.clock ?? (() => Date.now());
    for (const wallet of wallets) this.#checkNetwork(wallet);
  }

  get network(): BitcoinNetwork | null {
    return this.#network;
  }

  async create(request: InvoiceRequest): Promise<IssuedInvoice> {
    let failure: SatwayError | null = null;
    for (const guarded of this.#inOrder()) {
      const attempt = await guarded.tryToIssue(request, (issued) => this.#take(issued, request, guarded.wallet));
      if ('issued' in attempt) {
        this.#tellSwitch(guarded);
        return attempt.issued;
      }
      if (failure === null || guarded.wallet === this.first) failure = attempt.failure;
    }
    throw failure ?? new SatwayError('WALLET_UNREACHABLE');
  }

  /** As listed; one that another call is trying out again comes last, so that nobody waits for that trial who need not. */
  #inOrder(): readonly GuardedWallet[] {
    const onTrial = this.#guarded.filter(({ isOnTrial }) => isOnTrial);
    return [...this.#guarded.filter((guarded) => !onTrial.includes(guarded)), ...onTrial];
  }

  /** @throws for an invoice that must not be handed out: nobody could pay it in time, or another wallet or buyer has its payment hash. */
  #take(issued: IssuedInvoice, request: InvoiceRequest, wallet: ReceivingWallet): void {
    this.#checkNetwork(wallet);
    const fault = findTimeFault(issued, request, this.#clock());
    if (fault !== null) throw fault;
    if (this.#issuerOf.get(issued.paymentHashHex) !== undefined) {
      throw new SatwayError('WALLET_ANSWER_INVALID', { detail: 'The new invoice has the payment hash of another.' });
    }
    this.#issuerOf.remember(issued.paymentHashHex, wallet);
  }

  #checkNetwork({ network }: ReceivingWallet): void {
    if (network === null) return;
    this.#network ??= network;
    if (network === this.#network) return;
    throw new SatwayError('WALLET_NETWORK_MISMATCH', {
      detail: `One wallet of the list is on ${this.#network}, another on ${network}.`,
    });
  }

  #tellSwitch(guarded: GuardedWallet): void {
    const from = this.#issuingNow;
    const to = this.#guarded.indexOf(guarded);
    const isBack = to < from;
    // An answer that was on its way while its wallet began to fail does not bring that wallet back.
    if (to === from || (isBack && !guarded.isClosed)) return;
    this.#issuingNow = to;
    const failure = isBack ? null : (this.#guarded[from]?.lastFailure ?? null);
    try {
      this.#onSwitch?.({ from, to, code: failure?.code ?? null }, failure);
    } catch {
      // The invoice is good, whatever a log makes of it.
    }
  }

  async lookUp(paymentHashHex: string): Promise<InvoiceState> {
    const issuer = this.#issuerOf.get(paymentHashHex);
    if (issuer !== undefined) return issuer.lookUp(paymentHashHex);
    const wallets = this.#guarded.map(({ wallet }) => wallet);
    const { state, by } = await lookUpEverywhere(wallets, paymentHashHex);
    if (by !== null) this.#issuerOf.remember(paymentHashHex, by);
    return state;
  }

  /** By the wallet that issued it. One of which nobody remembers that is withdrawn where any wallet says so. */
  isWithdrawn(paymentHashHex: string): boolean {
    const issuer = this.#issuerOf.get(paymentHashHex);
    const asked = issuer === undefined ? this.#guarded.map(({ wallet }) => wallet) : [issuer];
    return asked.some((wallet) => wallet.isWithdrawn?.(paymentHashHex) === true);
  }

  /** Of the wallet that would issue now. */
  async receivableMsat(): Promise<number | null> {
    const closed = this.#guarded.filter(({ isClosed }) => isClosed);
    let firstFailure: unknown;
    for (const { wallet } of [...closed, ...this.#guarded.filter(({ isClosed }) => !isClosed)]) {
      try {
        return await wallet.receivableMsat();
      } catch (error) {
        if (!isWalletFailure(error)) throw error;
        firstFailure ??= error;
      }
    }
    throw firstFailure;
  }
}
