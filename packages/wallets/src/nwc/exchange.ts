import type { ErrorCode } from '@satway/base';
import { walletError } from '../rest/index.js';
import {
  type Conversation,
  type Encryption,
  type NostrEvent,
  type RelayLink,
  type Subscriber,
  type Subscription,
  tagOf,
} from './nostr/index.js';
import { readReply, type WalletReply } from './reply.js';

/** Kinds of NIP-47. */
export const REQUEST_KIND = 23_194;
export const RESPONSE_KIND = 23_195;

/**
 * How a request is brought to the wallet.
 * - `often`: over every relay, and again after a new connection; for what changes nothing.
 * - `everywhere`: over every relay, once each.
 * - `oneByOne`: over one relay, and over the others only when that one fails or brings no answer for a while. A wallet that does not notice that two
 *   relays bring it one event refuses the second copy while it acts on the first; as long as there is one copy, a refusal is about that one.
 */
export type Delivery = 'often' | 'everywhere' | 'oneByOne';

/** One request, signed and sealed, and by what its answer is known. */
export interface SealedRequest {
  readonly method: string;
  readonly event: NostrEvent;
  readonly walletPubkeyHex: string;
  readonly encryption: Encryption;
  readonly conversation: Conversation;
  readonly delivery: Delivery;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What became of a request. */
export type Exchange =
  | {
      readonly state: 'answered';
      readonly reply: WalletReply;
      /** By the wallet's clock. */
      readonly answeredAtMs: number;
      /** Over how many relays the request went out. */
      readonly copies: number;
    }
  | {
      readonly state: 'unanswered';
      readonly code: ErrorCode;
      readonly detail: string;
      readonly mayHaveBeenSent: boolean;
    };

/** Where a request stands at one relay. */
type Standing = 'waiting' | 'following' | 'written' | 'down' | 'refused';

/** After so long without an answer the other relays are used too. */
const SPREAD_AFTER_MS = 5_000;

/**
 * Sends a request over every relay and gives the first valid answer. The subscription stands before the request leaves, since a relay keeps no
 * answers; and it is made again after each new connection, for the relays that do keep them.
 */
export function exchangeOver(links: readonly RelayLink[], request: SealedRequest): Promise<Exchange> {
  return new Promise((resolve) => new RunningExchange(links, request, resolve).begin());
}

class RunningExchange {
  readonly #links: readonly RelayLink[];
  readonly #request: SealedRequest;
  readonly #resolve: (exchange: Exchange) => void;
  readonly #standings = new Map<RelayLink, Standing>();
  readonly #subscriptions = new Map<RelayLink, Subscription>();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #writtenAt = new Set<RelayLink>();
  #isSpread: boolean;
  #isOver = false;

  constructor(links: readonly RelayLink[], request: SealedRequest, resolve: (exchange: Exchange) => void) {
    this.#links = links;
    this.#request = request;
    this.#resolve = resolve;
    this.#isSpread = request.delivery !== 'oneByOne';
  }

  begin(): void {
    const { signal, timeoutMs } = this.#request;
    if (signal.aborted) return this.#fail('WALLET_UNREACHABLE', 'The connection was closed.');
    signal.addEventListener('abort', this.#onAbort);
    this.#timers.push(
      setTimeout(() => this.#fail('WALLET_TIMEOUT', 'No answer came in time.'), timeoutMs),
      setTimeout(() => this.#spread(), Math.min(SPREAD_AFTER_MS, timeoutMs / 2)),
    );
    for (const link of this.#links) this.#standings.set(link, 'waiting');
    for (const link of this.#links) this.#subscriptions.set(link, link.subscribe(this.#subscriberAt(link)));
  }

  readonly #onAbort = (): void => this.#fail('WALLET_UNREACHABLE', 'The connection was closed.');

  #subscriberAt(link: RelayLink): Subscriber {
    const { event, walletPubkeyHex } = this.#request;
    return {
      // No `since`: the id says enough, and the wallet's clock may be an hour behind.
      filter: { kinds: [RESPONSE_KIND], authors: [walletPubkeyHex], '#e': [event.id] },
      onEvent: (response) => this.#take(response),
      onFollowing: () => this.#write(link),
      onLost: () => this.#loseAt(link),
      onDown: (error) => this.#standAt(link, 'down', walletError(error).code, error.message),
      onRefused: (reason) => this.#standAt(link, 'refused', 'WALLET_UNREACHABLE', `A relay refused it: ${reason}`),
    };
  }

  #write(link: RelayLink): void {
    const { event, delivery } = this.#request;
    if (this.#writtenAt.has(link) && delivery !== 'often') return;
    this.#standings.set(link, 'following');
    if (this.#writtenAt.size > 0 && !this.#isSpread) return;
    if (this.#subscriptions.get(link)?.publish(event) !== true) return;
    this.#writtenAt.add(link);
    this.#standings.set(link, 'written');
  }

  #spread(): void {
    if (this.#isSpread || this.#isOver) return;
    this.#isSpread = true;
    for (const [link, standing] of this.#standings) if (standing === 'following') this.#write(link);
  }

  /** The link comes back by itself, and after the request was written it may still bring the answer. */
  #loseAt(link: RelayLink): void {
    if (this.#standings.get(link) === 'written') this.#spread();
    else this.#standings.set(link, 'waiting');
  }

  #standAt(link: RelayLink, standing: 'down' | 'refused', code: ErrorCode, why: string): void {
    const wasWritten = this.#standings.get(link) === 'written';
    if (!wasWritten || standing === 'refused') this.#standings.set(link, standing);
    if (wasWritten) this.#spread();
    const isHopeless = [...this.#standings.values()].every((each) => each === 'down' || each === 'refused');
    if (isHopeless) this.#fail(code, why);
  }

  /** Author, signature and request id are proven by the relay link; the content by opening it. */
  #take(response: NostrEvent): void {
    const { conversation, encryption, method, event } = this.#request;
    // NIP-47 says that the `p` tag SHOULD be there, and some wallets leave it out; one that names somebody else makes it another's answer.
    const recipients = tagOf(response, 'p');
    if (recipients !== null && recipients[0] !== event.pubkey) return;
    const text = conversation.open(response.content, encryption);
    const reply = text === null ? null : readReply(text, method);
    if (reply === null) return this.#fail('WALLET_ANSWER_INVALID', 'Its answer cannot be read.');
    this.#end({
      state: 'answered',
      reply,
      answeredAtMs: response.created_at * 1000,
      copies: this.#writtenAt.size,
    });
  }

  #fail(code: ErrorCode, detail: string): void {
    this.#end({ state: 'unanswered', code, detail, mayHaveBeenSent: this.#writtenAt.size > 0 });
  }

  #end(exchange: Exchange): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#request.signal.removeEventListener('abort', this.#onAbort);
    for (const subscription of this.#subscriptions.values()) subscription.close();
    this.#resolve(exchange);
  }
}
