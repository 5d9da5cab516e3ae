import { setMaxListeners } from 'node:events';
import { type ErrorCode, SatwayError } from '@satway/base';
import { createEgress, type Egress } from '@satway/egress';
import { foreignWords, type Json } from '../rest/index.js';
import { type NwcConnection, parseConnectionUri } from './connection-uri.js';
import { type Delivery, type Exchange, exchangeOver, REQUEST_KIND } from './exchange.js';
import { fetchWalletInfo } from './fetch-wallet-info.js';
import {
  type Conversation,
  type Encryption,
  type NostrEvent,
  openConversation,
  RelayLink,
  signEvent,
} from './nostr/index.js';
import { Slots } from './slots.js';
import type { WalletInfo } from './wallet-info.js';
import type { WalletReply } from './reply.js';

/** How to reach a wallet over Nostr Wallet Connect. */
export interface NwcConnectionOptions {
  /** `nostr+walletconnect://…`, with its secret in it. */
  readonly uri: string;
  /** The door out; one of its own where left out. */
  readonly egress?: Egress;
  /** For everything but payments; 15,000 by default. */
  readonly callTimeoutMs?: number;
  /** Lets `ws:` relays be on other machines. What is said stays sealed; who speaks with whom, and when, does not. */
  readonly allowPlainRelays?: boolean;
}

const DEFAULT_CALL_TIMEOUT_MS = 15_000;
/** What a timer of the runtime can hold; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/**
 * How many requests are under way at a time; the others wait for their turn. Each has a subscription, of which relays serve about 20 to one client; some
 * drop the oldest without a word. Payments that hang must not keep the questions waiting.
 */
const MOST_PAYMENTS = 8;
const MOST_QUESTIONS = 6;

/** Methods that change something at the wallet; the others may be asked as often as one likes. */
const DELIVERIES: Readonly<Record<string, Delivery>> = {
  pay_invoice: 'oneByOne',
  make_invoice: 'everywhere',
  create_connection: 'oneByOne',
};

/** A wallet's answer, and the wallet's clock when it gave it. */
export interface AnsweredCall {
  readonly reply: WalletReply;
  readonly answeredAtMs: number;
}

/** One connection of NIP-47: asks the wallet service over its relays. Opens nothing until it is asked. */
export class NwcService {
  readonly connection: NwcConnection;
  readonly callTimeoutMs: number;
  readonly links: readonly RelayLink[];
  readonly conversation: Conversation;
  readonly #closing = new AbortController();
  readonly #ownEgress: Egress | null;
  readonly #payments = new Slots(MOST_PAYMENTS);
  readonly #questions = new Slots(MOST_QUESTIONS);
  #info: Promise<WalletInfo> | null = null;
  #walletAheadMs = 0;

  /** @throws {SatwayError} `WALLET_NOT_CONFIGURED`. */
  constructor(options: NwcConnectionOptions) {
    this.connection = parseConnectionUri(options.uri);
    this.callTimeoutMs = options.callTimeoutMs ?? DEFAULT_CALL_TIMEOUT_MS;
    const conversation = openConversation(this.connection.key, this.connection.walletPubkeyHex);
    if (conversation === null) throw new SatwayError('WALLET_NOT_CONFIGURED');
    this.conversation = conversation;
    // One for each request under way.
    setMaxListeners(0, this.#closing.signal);
    const egress = options.egress ?? createEgress();
    this.#ownEgress = options.egress === undefined ? egress : null;
    const common = { egress, allowPlain: options.allowPlainRelays === true, key: this.connection.key };
    this.links = this.connection.relayUrls.map((url) => new RelayLink({ url, ...common }));
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  /**
   * What the wallet service offers to everybody; asked once.
   *
   * @throws {SatwayError} `WALLET_UNREACHABLE`, `WALLET_TIMEOUT`, `WALLET_NOT_CONFIGURED`.
   */
  async info(): Promise<WalletInfo> {
    const { walletPubkeyHex } = this.connection;
    const timeoutMs = this.callTimeoutMs;
    this.#info ??= fetchWalletInfo(this.links, { walletPubkeyHex, timeoutMs, signal: this.#closing.signal });
    try {
      return await this.#info;
    } catch (error) {
      this.#info = null;
      throw error;
    }
  }

  /**
   * Asks one thing that has to succeed.
   *
   * @throws {SatwayError} the codes of `InvoiceIssuer`.
   */
  async call(method: string, params: Json): Promise<Json> {
    const { reply } = await this.ask(method, params);
    if (reply.ok) return reply.result;
    throw refusedCall(method, reply);
  }

  /** Like `call`, for one whose refusal says something. */
  async ask(method: string, params: Json, timeoutMs = this.callTimeoutMs): Promise<AnsweredCall> {
    const exchange = await this.exchange(method, params, timeoutMs);
    if (exchange.state === 'answered') return exchange;
    throw new SatwayError(exchange.code, { detail: `${method}: ${exchange.detail}` });
  }

  /**
   * Sends one request and says what became of it.
   *
   * @throws {SatwayError} only while nothing has left: the codes of `info`, and `WALLET_REFUSED` for what cannot be sealed.
   */
  async exchange(method: string, params: Json, timeoutMs: number): Promise<Exchange> {
    const startedAtMs = performance.now();
    const { encryption } = await this.info();
    if (encryption === null) {
      throw new SatwayError('WALLET_ANSWER_INVALID', { detail: 'The wallet offers no encryption that is known.' });
    }
    const content = this.conversation.seal(JSON.stringify({ method, params }), encryption);
    if (content === null) throw new SatwayError('WALLET_REFUSED', { detail: `${method}: it is too long.` });
    const remainingMs = (): number => Math.max(1, timeoutMs - (performance.now() - startedAtMs));
    const slots = method === 'pay_invoice' ? this.#payments : this.#questions;
    if (!(await slots.take(Math.min(remainingMs(), LONGEST_TIMER_MS)))) {
      throw new SatwayError('WALLET_TIMEOUT', { detail: `${method}: too many others are waiting for an answer.` });
    }
    try {
      return await this.#send(method, { content, encryption, timeoutMs: Math.min(remainingMs(), LONGEST_TIMER_MS) });
    } finally {
      slots.giveBack();
    }
  }

  async #send(
    method: string,
    { content, encryption, timeoutMs }: { content: string; encryption: Encryption; timeoutMs: number },
  ): Promise<Exchange> {
    const delivery = DELIVERIES[method] ?? 'often';
    const exchange = await exchangeOver(this.links, {
      method,
      event: this.#sign(content, encryption, delivery === 'often' ? null : timeoutMs),
      walletPubkeyHex: this.connection.walletPubkeyHex,
      encryption,
      conversation: this.conversation,
      delivery,
      timeoutMs,
      signal: this.#closing.signal,
    });
    if (exchange.state === 'answered') this.#learnFrom(exchange);
    return exchange;
  }

  #learnFrom({ reply, answeredAtMs }: AnsweredCall): void {
    this.#walletAheadMs = answeredAtMs - Date.now();
    // The wallet has changed since it was asked what it offers.
    if (!reply.ok && reply.code === 'UNSUPPORTED_ENCRYPTION') this.#info = null;
  }

  #sign(content: string, encryption: Encryption, expiresAfterMs: number | null): NostrEvent {
    const { walletPubkeyHex, key } = this.connection;
    const tags = [
      ['p', walletPubkeyHex],
      // Wallets from before the tag read its absence as NIP-04, and so does NIP-47.
      ...(encryption === 'nip04' ? [] : [['encryption', encryption]]),
      ...(expiresAfterMs === null ? [] : [['expiration', String(this.#expiresAtSeconds(expiresAfterMs))]]),
    ];
    return signEvent({ kind: REQUEST_KIND, createdAtSeconds: Math.floor(Date.now() / 1000), tags, content }, key);
  }

  /** Ends what is under way and closes every connection; safe to call twice. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const link of this.links) link.close();
    await this.#ownEgress?.close();
  }

  /**
   * A wallet that was away must not act on what nobody waits for any more. It judges by its own clock: where its last answer showed that to be
   * ahead of ours, ours is not taken.
   */
  #expiresAtSeconds(timeoutMs: number): number {
    return Math.ceil((Date.now() + Math.max(0, this.#walletAheadMs) + timeoutMs) / 1000);
  }
}

/** What NIP-47 calls a matter of the connection, not of the call. */
const NOT_ALLOWED: ReadonlySet<string> = new Set(['UNAUTHORIZED', 'RESTRICTED', 'NOT_IMPLEMENTED', 'QUOTA_EXCEEDED']);

/** The connection is good, only this method is not in it. */
/** The wallet's own trouble, whatever was asked. */
const IN_TROUBLE: ReadonlySet<string> = new Set(['INTERNAL', 'RATE_LIMITED']);
const NOT_IN_IT: ReadonlySet<string> = new Set(['RESTRICTED', 'NOT_IMPLEMENTED']);

/** The error of ours for a call that the wallet refused; `facts.missingPermission` names a method that the connection does not have. */
export function refusedCall(method: string, reply: { readonly code: string; readonly message: string }): SatwayError {
  const code = codeOf(reply.code);
  const facts = NOT_IN_IT.has(reply.code) ? { missingPermission: method } : {};
  return new SatwayError(code, { detail: `${method}: ${walletWords(reply)}`, facts });
}

function codeOf(nip47Code: string): ErrorCode {
  if (NOT_ALLOWED.has(nip47Code)) return 'WALLET_PERMISSION_DENIED';
  return IN_TROUBLE.has(nip47Code) ? 'WALLET_UNREACHABLE' : 'WALLET_REFUSED';
}

/** What the wallet said, fit for a message. */
export function walletWords({ code, message }: { readonly code: string; readonly message: string }): string {
  return `${foreignWords(code, 60)} ${foreignWords(message, 300)}`.trim();
}
