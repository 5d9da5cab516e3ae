import { setMaxListeners } from 'node:events';
import { SatwayError } from '@satway/base';
import { createEgress, type Egress, type ExchangeResponse } from '@satway/egress';
import { type Json, parseJsonObject, walletBaseUrl, walletError } from '../rest/index.js';

/** How to reach one wallet of an LNbits instance. */
export interface LnbitsConnectionOptions {
  /** Of the instance; may have a path, such as `https://pay.example.com/lnbits`. Plain http is taken for this machine only. */
  readonly url: string;
  /** The wallet's admin key (pays, receives, reads) or its invoice key (receives, reads). */
  readonly key: string;
  /** The door out; one of its own where left out. */
  readonly egress?: Egress;
  /**
   * For every call; 45,000 by default. An instance answers late when its node holds a payment: it waits 5 s for a payment and 30 s for news of one,
   * and other calls wait with it.
   */
  readonly callTimeoutMs?: number;
}

/** One answer, whatever its status. */
export interface LnbitsAnswer {
  readonly status: number;
  /** `null` where it is no JSON object. */
  readonly json: Json | null;
  /** The body as it came, for answers that are lists. */
  readonly text: string;
  /** The instance's own clock; `null` where it tells none. */
  readonly walletNowMs: number | null;
}

const DEFAULT_CALL_TIMEOUT_MS = 45_000;
const MAX_BODY_BYTES = 1024 * 1024;

/** LNbits' interface with the key of one wallet. */
export class LnbitsConnection {
  readonly callTimeoutMs: number;
  readonly #url: string;
  readonly #key: string;
  readonly #egress: Egress;
  readonly #ownsEgress: boolean;
  readonly #closed = new AbortController();

  /** @throws {SatwayError} `WALLET_NOT_CONFIGURED`. */
  constructor(options: LnbitsConnectionOptions) {
    this.#url = walletBaseUrl(options.url);
    this.#key = checkedKey(options.key);
    // Every call under way listens to it, and there may be many.
    setMaxListeners(0, this.#closed.signal);
    this.#ownsEgress = options.egress === undefined;
    this.#egress = options.egress ?? createEgress();
    this.callTimeoutMs = options.callTimeoutMs ?? DEFAULT_CALL_TIMEOUT_MS;
  }

  /**
   * One request and its whole answer. A redirect is an answer: the key goes nowhere else.
   *
   * @throws {SatwayError} what `Egress.exchange` throws; `requestMayHaveBeenSent` is in its facts.
   */
  async exchange(method: 'GET' | 'POST', path: string, body?: Json, deadlineMs?: number): Promise<LnbitsAnswer> {
    const response = await this.#egress.exchange({
      method,
      url: `${this.#url}/api/v1${path}`,
      headers: { 'X-Api-Key': this.#key, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      deadlineMs: deadlineMs ?? this.callTimeoutMs,
      maxBodyBytes: MAX_BODY_BYTES,
      signal: this.#closed.signal,
      reach: 'configured',
    });
    const text = this.#withoutKey(await response.text());
    return { status: response.status, json: parseJsonObject(text), text, walletNowMs: dateOf(response) };
  }

  /** Like `exchange`, with the wallet's word for what went wrong. @throws {SatwayError} the codes of `InvoiceIssuer`. */
  async ask(method: 'GET' | 'POST', path: string, body?: Json, deadlineMs?: number): Promise<LnbitsAnswer> {
    try {
      return await this.exchange(method, path, body, deadlineMs);
    } catch (error) {
      throw walletError(error);
    }
  }

  /** Ends what is under way; safe to call twice. */
  async close(): Promise<void> {
    this.#closed.abort();
    if (this.#ownsEgress) await this.#egress.close();
  }

  /** What an instance says ends up in messages; it knows the key, and may repeat it. */
  #withoutKey(text: string): string {
    return text.replaceAll(this.#key, '[key]');
  }
}

/** LNbits makes keys of 32 hex digits; what cannot stand in a header is refused, the rest is for LNbits to judge. */
function checkedKey(key: string): string {
  if (/^[A-Za-z0-9._~-]{8,200}$/.test(key)) return key;
  throw new SatwayError('WALLET_NOT_CONFIGURED', {
    detail: 'The key of LNbits cannot be read: 32 hex digits are expected.',
  });
}

function dateOf(response: ExchangeResponse): number | null {
  const date = Date.parse(response.header('date') ?? '');
  return Number.isNaN(date) ? null : date;
}
