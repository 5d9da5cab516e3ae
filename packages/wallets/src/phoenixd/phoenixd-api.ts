import { SatwayError } from '@satway/base';
import { createEgress, type Egress, type EgressSocket, type SocketRequest } from '@satway/egress';
import { foreignWords, type Json, parseJsonObject, walletBaseUrl, walletError } from '../rest/index.js';
import type { PhoenixdAnswer, PhoenixdCall } from './phoenixd-call.js';
import { refusedCall } from './phoenixd-error.js';

/** How to reach a phoenixd. */
export interface PhoenixdConnectionOptions {
  /** Of its HTTP API, such as `http://127.0.0.1:9740`; https unless it is on this machine. */
  readonly url: string;
  /** `http-password`, or `http-password-limited-access`, which cannot pay; both stand in `phoenix.conf`. */
  readonly password: string;
  /** The door out; one of its own where left out. */
  readonly egress?: Egress;
  /** For everything but payments; 10,000 by default. */
  readonly callTimeoutMs?: number;
}

const DEFAULT_CALL_TIMEOUT_MS = 10_000;
/** Every answer that is asked for here is one small object. */
const MAX_ANSWER_BYTES = 256 * 1024;

/** phoenixd's HTTP API with its password. */
export class PhoenixdApi {
  readonly callTimeoutMs: number;
  readonly #url: string;
  readonly #authorization: string;
  readonly #password: string;
  readonly #egress: Egress;
  readonly #closing = new AbortController();

  /** @throws {SatwayError} `WALLET_NOT_CONFIGURED`, with neither URL nor password. */
  constructor(options: PhoenixdConnectionOptions) {
    this.#url = walletBaseUrl(options.url);
    this.#authorization = basicAuthorization(options.password);
    this.#password = options.password;
    this.#egress = options.egress ?? createEgress();
    this.callTimeoutMs = options.callTimeoutMs ?? DEFAULT_CALL_TIMEOUT_MS;
  }

  /**
   * The object that answers a call which phoenixd takes.
   *
   * @throws {SatwayError} the codes of `InvoiceIssuer`.
   */
  async call(call: PhoenixdCall): Promise<Json> {
    const answer = await this.ask(call);
    if (answer.status === 200 && answer.json !== null) return answer.json;
    throw refusedCall(call, answer);
  }

  /** The answer, whatever it is. @throws {SatwayError} where none came, with the codes of `InvoiceIssuer`. */
  async ask(call: PhoenixdCall): Promise<PhoenixdAnswer> {
    try {
      return await this.exchange(call);
    } catch (error) {
      throw walletError(error);
    }
  }

  /** The answer, whatever it is. Throws what `Egress.exchange` throws, which tells whether the call can have been sent. */
  async exchange({ method, path, form, deadlineMs }: PhoenixdCall): Promise<PhoenixdAnswer> {
    const response = await this.#egress.exchange({
      method,
      url: this.#url + path,
      headers: {
        Authorization: this.#authorization,
        ...(form === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' }),
      },
      ...(form === undefined ? {} : { body: new URLSearchParams(form).toString() }),
      deadlineMs: deadlineMs ?? this.callTimeoutMs,
      maxBodyBytes: MAX_ANSWER_BYTES,
      signal: this.#closing.signal,
      reach: 'configured',
    });
    const text = await response.text();
    const words = (said: string): string => foreignWords(said.replaceAll(this.#password, '[password]'));
    return { status: response.status, text, json: parseJsonObject(text), words };
  }

  /** A WebSocket of its own. Throws what `Egress.openSocket` throws. */
  openSocket(path: string, maxMessageBytes: number, events: SocketRequest['events']): Promise<EgressSocket> {
    return this.#egress.openSocket({
      url: this.#url.replace(/^http/, 'ws') + path,
      headers: { Authorization: this.#authorization },
      handshakeTimeoutMs: this.callTimeoutMs,
      maxMessageBytes,
      events,
      reach: 'configured',
    });
  }

  /** Breaks the calls that are under way; later ones are not sent. */
  close(): void {
    this.#closing.abort();
  }
}

/** The user is empty. Anything that a header cannot carry is no password of phoenixd's. */
function basicAuthorization(password: string): string {
  if (!/^[\x20-\x7e]+$/.test(password)) {
    throw new SatwayError('WALLET_NOT_CONFIGURED', { detail: 'The password of phoenixd is empty or cannot be sent.' });
  }
  return `Basic ${Buffer.from(`:${password}`).toString('base64')}`;
}
