import { randomBytes } from 'node:crypto';
import { SatwayError } from '@satway/base';
import type { Egress, EgressSocket } from '@satway/egress';
import { isGenuine, type NostrEvent } from './event.js';
import type { NostrKey } from './key.js';
import { answerChallenge, wantsAuth } from './relay-auth.js';
import { matchesFilter, type RelayFilter } from './relay-filter.js';
import { parseRelayMessage, type RelayMessage } from './relay-message.js';

const HANDSHAKE_TIMEOUT_MS = 10_000;
/** The longest payload of NIP-44 with its event around it, twice. */
const MAX_MESSAGE_BYTES = 256 * 1024;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
/** Old relays never say that the stored events are told. */
const LONGEST_SILENCE_MS = 2_000;
/** So many useless or forged messages in a row, and the relay is left for a while: each costs us more than it costs to send. */
const MAX_NOISE = 200;
const MAX_SEEN = 1_000;

/** How a relay is reached. */
export interface RelayLinkOptions {
  readonly url: string;
  readonly egress: Egress;
  readonly allowPlain: boolean;
  /** Ours, for relays that want to know who asks. */
  readonly key: NostrKey;
}

/** Who follows events. All but `onEvent` may be called again, after each new connection. */
export interface Subscriber {
  readonly filter: RelayFilter;
  /** A genuine event that matches the filter; each once for this relay. */
  onEvent(event: NostrEvent): void;
  /** The relay follows the filter from now on. */
  onFollowing(): void;
  /** The connection broke; another is tried while anybody is subscribed. */
  onLost(): void;
  /** No connection could be made; another is tried after a while. */
  onDown(error: SatwayError): void;
  /** The relay does not serve the filter, or does not take an event. */
  onRefused(reason: string): void;
}

/** One subscriber at one relay. */
export interface Subscription {
  /** @returns whether it was written; `false` while there is no connection. */
  publish(event: NostrEvent): boolean;
  close(): void;
}

/** Where we stand with a relay that wants to know who asks, on one connection. */
interface AuthStanding {
  /** Its challenge, which can come before the connection is ours to write to. */
  readonly challenge: string | null;
  /** Of our answer. */
  readonly eventId: string | null;
  readonly refusal: string | null;
}

const NOT_ASKED: AuthStanding = { challenge: null, eventId: null, refusal: null };

interface Following {
  readonly subscriber: Subscriber;
  readonly seen: Set<string>;
  /** Where the relay stands with the filter on this connection; `held` until it knows who we are. */
  standing: 'asked' | 'following' | 'held' | 'refused';
  silence: NodeJS.Timeout | null;
}

/**
 * The connection to one relay: made when somebody subscribes, made again with back-off when it breaks, and then every subscription is
 * made again too. What it hands on is genuine.
 */
export class RelayLink {
  readonly #options: RelayLinkOptions;
  readonly #followings = new Map<string, Following>();
  readonly #publishers = new Map<string, Following>();
  #socket: EgressSocket | null = null;
  #isConnecting = false;
  #isClosed = false;
  #retry: NodeJS.Timeout | null = null;
  #pauseMs = FIRST_PAUSE_MS;
  #noise = 0;
  #auth: AuthStanding = NOT_ASKED;

  constructor(options: RelayLinkOptions) {
    this.#options = options;
  }

  subscribe(subscriber: Subscriber): Subscription {
    const id = randomBytes(8).toString('hex');
    const following: Following = { subscriber, seen: new Set(), standing: 'asked', silence: null };
    this.#followings.set(id, following);
    if (this.#socket === null) void this.#connect();
    else this.#request(id, following);
    this.#socket?.holdProcess(true);
    return {
      publish: (event) => this.#publish(event, following),
      close: () => this.#drop(id, following),
    };
  }

  close(): void {
    this.#isClosed = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#socket?.close();
  }

  async #connect(): Promise<void> {
    if (this.#isConnecting || this.#isClosed) return;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#isConnecting = true;
    const attempt = { isOver: false };
    const events = {
      onText: (text: string) => this.#take(text),
      onClosed: () => {
        attempt.isOver = true;
        this.#lose((subscriber) => subscriber.onLost());
      },
    };
    const { url, egress, allowPlain } = this.#options;
    const limits = { handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS, maxMessageBytes: MAX_MESSAGE_BYTES };
    try {
      const socket = await egress.openSocket({ url, allowPlain, reach: 'configured', ...limits, events });
      this.#isConnecting = false;
      if (!attempt.isOver) this.#begin(socket);
    } catch (error) {
      this.#isConnecting = false;
      const failure = error instanceof SatwayError ? error : new SatwayError('EGRESS_UNREACHABLE', { cause: error });
      this.#lose((subscriber) => subscriber.onDown(failure));
    }
  }

  #begin(socket: EgressSocket): void {
    this.#socket = socket;
    this.#noise = 0;
    if (this.#isClosed) return socket.close();
    if (this.#auth.challenge !== null) this.#answerChallenge(this.#auth.challenge);
    socket.holdProcess(this.#followings.size > 0);
    for (const [id, following] of this.#followings) this.#request(id, following);
  }

  #lose(tell: (subscriber: Subscriber) => void): void {
    this.#socket = null;
    this.#auth = NOT_ASKED;
    for (const following of this.#followings.values()) {
      following.standing = 'asked';
      if (following.silence !== null) clearTimeout(following.silence);
    }
    if (!this.#isClosed && this.#followings.size > 0) this.#retryLater();
    for (const { subscriber } of this.#followings.values()) tell(subscriber);
  }

  #retryLater(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      if (this.#followings.size > 0 && this.#socket === null) void this.#connect();
    }, this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }

  #request(id: string, following: Following): void {
    this.#send(['REQ', id, following.subscriber.filter]);
    following.standing = 'asked';
    if (following.silence !== null) clearTimeout(following.silence);
    following.silence = setTimeout(() => void this.#nowFollows(following), LONGEST_SILENCE_MS);
  }

  #publish(event: NostrEvent, following: Following): boolean {
    this.#publishers.set(event.id, following);
    return this.#send(['EVENT', event]);
  }

  #drop(id: string, following: Following): void {
    if (!this.#followings.delete(id)) return;
    if (following.silence !== null) clearTimeout(following.silence);
    for (const [eventId, publisher] of this.#publishers) {
      if (publisher === following) this.#publishers.delete(eventId);
    }
    this.#send(['CLOSE', id]);
    if (this.#followings.size > 0) return;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#socket?.holdProcess(false);
  }

  #send(message: readonly unknown[]): boolean {
    return this.#socket?.send(JSON.stringify(message)) ?? false;
  }

  #take(text: string): void {
    const message = parseRelayMessage(text);
    if (message !== null && this.#isUseful(message)) {
      this.#noise = 0;
      this.#pauseMs = FIRST_PAUSE_MS;
      return;
    }
    this.#noise += 1;
    if (this.#noise < MAX_NOISE) return;
    this.#pauseMs = LONGEST_PAUSE_MS;
    this.#socket?.close();
  }

  /** Hands the message on. @returns whether anybody had waited for it. */
  #isUseful(message: RelayMessage): boolean {
    if (message.type === 'notice') return false;
    if (message.type === 'auth') return this.#takeChallenge(message.challenge);
    if (message.type === 'ok') return this.#takeVerdict(message.eventId, message.isAccepted, message.reason);
    const following = this.#followings.get(message.subscriptionId);
    if (following === undefined) return false;
    if (message.type === 'event') return takeEvent(following, message.event);
    return message.type === 'eose' ? this.#nowFollows(following) : this.#nowRefuses(following, message.reason);
  }

  /** Once for each connection. */
  #takeChallenge(challenge: string): boolean {
    if (this.#auth.challenge !== null) return false;
    this.#auth = { ...NOT_ASKED, challenge };
    if (this.#socket !== null) this.#answerChallenge(challenge);
    return true;
  }

  #answerChallenge(challenge: string): void {
    const event = answerChallenge(this.#options.url, challenge, this.#options.key);
    this.#auth = { challenge, eventId: event.id, refusal: null };
    this.#send(['AUTH', event]);
  }

  /** What was held until the relay knew who asks is asked for again, or refused. */
  #takeAuthVerdict(isAccepted: boolean, reason: string): boolean {
    this.#auth = { ...this.#auth, eventId: null, refusal: isAccepted ? null : reason };
    for (const [id, following] of this.#followings) {
      if (following.standing !== 'held') continue;
      if (isAccepted) this.#request(id, following);
      else this.#nowRefuses(following, reason);
    }
    return true;
  }

  #takeVerdict(eventId: string, isAccepted: boolean, reason: string): boolean {
    if (eventId === this.#auth.eventId) return this.#takeAuthVerdict(isAccepted, reason);
    const publisher = this.#publishers.get(eventId);
    if (publisher === undefined) return false;
    this.#publishers.delete(eventId);
    if (!isAccepted) publisher.subscriber.onRefused(reason);
    return true;
  }

  #nowFollows(following: Following): boolean {
    if (following.standing !== 'asked' || this.#socket === null) return false;
    if (following.silence !== null) clearTimeout(following.silence);
    following.standing = 'following';
    following.subscriber.onFollowing();
    return true;
  }

  #nowRefuses(following: Following, reason: string): boolean {
    if (following.standing === 'refused') return false;
    if (following.silence !== null) clearTimeout(following.silence);
    if (following.standing === 'asked' && wantsAuth(reason) && this.#auth.refusal === null) {
      following.standing = 'held';
      following.silence = setTimeout(() => void this.#nowRefuses(following, reason), LONGEST_SILENCE_MS);
      return true;
    }
    following.standing = 'refused';
    following.subscriber.onRefused(this.#auth.refusal ?? reason);
    return true;
  }
}

/** The cheap questions come before the signature. */
function takeEvent({ subscriber, seen }: Following, event: NostrEvent): boolean {
  if (seen.has(event.id) || !matchesFilter(subscriber.filter, event) || !isGenuine(event)) return false;
  seen.add(event.id);
  const [oldest] = seen;
  if (seen.size > MAX_SEEN && oldest !== undefined) seen.delete(oldest);
  subscriber.onEvent(event);
  return true;
}
