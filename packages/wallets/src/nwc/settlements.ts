import { asObject, parseJsonObject, textOf } from '../rest/index.js';
import type { OpenInvoices } from '../settlements/index.js';
import type { InvoiceState, SettledNotice } from '../wallet.js';
import type { NostrEvent, RelayLink, Subscription } from './nostr/index.js';
import type { NwcService } from './nwc-service.js';
import { readTransaction } from './transaction.js';

/** Kinds of notification: NIP-04 and NIP-44. */
const NOTIFICATION_KINDS = { nip04: 23_196, nip44_v2: 23_197 } as const;
/** How far a wallet's clock may be behind ours before a stored notification of it is missed. */
const CLOCK_SLACK_SECONDS = 2 * 3600;
/** How often the open invoices of a wallet without notifications are looked up, one after the other. */
const ROUND_MS = 2_000;
/** So many are looked up in one round, the newest first; the others in the next. */
const MOST_IN_ROUND = 20;
/** After this the wallet is asked anew what it offers, where it could not be asked. */
const RETRY_MS = 5_000;

/** What following needs of the issuer. */
export interface SettlementSource {
  readonly service: NwcService;
  readonly open: OpenInvoices;
  lookUp(paymentHashHex: string): Promise<InvoiceState>;
}

type Listener = (notice: SettledNotice) => void;

/**
 * Follows the settlements of a wallet until stopped: by its notifications where it offers them, else by looking the open invoices up in
 * turn. Notifications are not kept by relays, so the open invoices are looked up after each new connection as well. Each settlement is told
 * at least once.
 *
 * @returns how to stop.
 */
export function followSettlements(source: SettlementSource, listener: Listener): () => void {
  const follower = new SettlementFollower(source, listener);
  void follower.begin();
  return () => follower.stop();
}

class SettlementFollower {
  readonly #source: SettlementSource;
  readonly #listener: Listener;
  readonly #startedAtSeconds = Math.floor(Date.now() / 1000);
  #subscriptions: Subscription[] = [];
  #timer: NodeJS.Timeout | null = null;
  #isLooking = false;
  #toLookUp: string[] = [];
  #isGoingRound = false;
  #isStopped = false;

  constructor(source: SettlementSource, listener: Listener) {
    this.#source = source;
    this.#listener = listener;
  }

  async begin(): Promise<void> {
    const { service } = this.#source;
    const info = await service.info().catch(() => null);
    if (this.#isOver()) return;
    if (info === null) this.#later(RETRY_MS, () => void this.begin());
    else if (info.encryption !== null && info.notifications.includes('payment_received')) {
      const kind = NOTIFICATION_KINDS[info.encryption];
      this.#subscriptions = service.links.map((link) => this.#subscribe(link, kind));
    } else this.#goRound();
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.close();
  }

  #isOver(): boolean {
    return this.#isStopped || this.#source.service.isClosed;
  }

  #later(ms: number, run: () => void): void {
    if (!this.#isOver()) this.#timer = setTimeout(run, ms);
  }

  #subscribe(link: RelayLink, kind: number): Subscription {
    const { walletPubkeyHex, key } = this.#source.service.connection;
    return link.subscribe({
      filter: {
        kinds: [kind],
        authors: [walletPubkeyHex],
        '#p': [key.pubkeyHex],
        since: this.#startedAtSeconds - CLOCK_SLACK_SECONDS,
      },
      onEvent: (event) => this.#take(event),
      onFollowing: () => void this.#lookUpOpen(Number.POSITIVE_INFINITY),
      onLost: () => undefined,
      onDown: () => undefined,
      // A relay that does not serve notifications leaves the looking up.
      onRefused: () => this.#goRound(),
    });
  }

  /** The preimage that a notification brings is not read. */
  #take(event: NostrEvent): void {
    const encryption = event.kind === NOTIFICATION_KINDS.nip04 ? 'nip04' : 'nip44_v2';
    const json = parseJsonObject(this.#source.service.conversation.open(event.content, encryption) ?? '');
    if (json === null || textOf(json, 'notification_type') !== 'payment_received') return;
    const transaction = readTransaction(asObject(json['notification']) ?? {});
    if (transaction === null || transaction.isOutgoing === true) return;
    const { paymentHashHex, amountMsat } = transaction;
    if (amountMsat !== null && amountMsat >= 0) this.#tell({ paymentHashHex, amountReceivedMsat: amountMsat });
  }

  #goRound(): void {
    if (this.#isGoingRound) return;
    this.#isGoingRound = true;
    void this.#round();
  }

  async #round(): Promise<void> {
    await this.#lookUpOpen(MOST_IN_ROUND);
    this.#later(ROUND_MS, () => void this.#round());
  }

  /** A look-up that fails is left out: the next round brings another. */
  async #lookUpOpen(most: number): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    if (this.#toLookUp.length === 0) this.#toLookUp = this.#source.open.takeStock().toReversed();
    for (const paymentHashHex of this.#toLookUp.splice(0, most)) {
      if (this.#isOver()) break;
      const found = await this.#source.lookUp(paymentHashHex).catch(() => null);
      if (found?.state === 'settled') this.#tell({ paymentHashHex, amountReceivedMsat: found.amountReceivedMsat });
      if (found?.state === 'closed') this.#source.open.remove(paymentHashHex);
    }
    this.#isLooking = false;
  }

  #tell(notice: SettledNotice): void {
    this.#source.open.remove(notice.paymentHashHex);
    if (!this.#isOver()) this.#listener(notice);
  }
}
