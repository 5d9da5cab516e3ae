import { SatwayError } from '@satway/base';
import { createEgress, type Egress, type ExchangeResponse } from '@satway/egress';
import {
  type LndCertificateSource,
  type LndMacaroonSource,
  readCertificatePem,
  readMacaroonHex,
} from './credentials.js';
import { type Json, parseJsonObject, walletError } from '../rest/index.js';
import { lndErrorOf, refusedCall } from './lnd-error.js';

/** How to reach an LND. */
export type LndConnectionOptions = LndMacaroonSource &
  LndCertificateSource & {
    /** Of its REST interface, such as `https://127.0.0.1:8080`. */
    readonly url: string;
    /** The door out; one of its own where left out. */
    readonly egress?: Egress;
    /** For everything but payments; 10,000 by default. */
    readonly callTimeoutMs?: number;
  };

const DEFAULT_CALL_TIMEOUT_MS = 10_000;
const MAX_UNARY_BYTES = 1024 * 1024;

/** One call that answers in lines. */
export interface LndStreamRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: Json;
  readonly deadlineMs: number;
  readonly maxBodyBytes: number;
  readonly signal?: AbortSignal;
}

/** LND's REST interface with its macaroon. */
export class LndRest {
  readonly callTimeoutMs: number;
  readonly #url: string;
  readonly #macaroonHex: string;
  readonly #certificatePem: string | undefined;
  readonly #egress: Egress;

  /** @throws {SatwayError} `WALLET_NOT_CONFIGURED`. */
  constructor(options: LndConnectionOptions) {
    this.#url = options.url.replace(/\/+$/, '');
    this.#macaroonHex = readMacaroonHex(options);
    this.#certificatePem = readCertificatePem(options);
    this.#egress = options.egress ?? createEgress();
    this.callTimeoutMs = options.callTimeoutMs ?? DEFAULT_CALL_TIMEOUT_MS;
  }

  /**
   * One answer to one question. `expected` takes an error answer that is one of the expected kinds.
   *
   * @throws {SatwayError} the codes of `InvoiceIssuer`.
   */
  async call<T = never>(
    method: 'GET' | 'POST',
    path: string,
    options: { readonly body?: Json; readonly expected?: (status: number, json: Json | null) => T | null } = {},
  ): Promise<Json | T> {
    const { status, text } = await this.#ask(method, path, options.body);
    const json = parseJsonObject(text);
    if (status === 200) {
      if (json !== null) return json;
      throw new SatwayError('WALLET_ANSWER_INVALID', { detail: `${method} ${callName(path)}: the answer is no JSON.` });
    }
    const expected = options.expected?.(status, json) ?? null;
    if (expected !== null) return expected;
    throw refusedCall(`${method} ${callName(path)}`, lndErrorOf(json), status);
  }

  async #ask(method: 'GET' | 'POST', path: string, body: Json | undefined): Promise<{ status: number; text: string }> {
    try {
      const response = await this.open({
        method,
        path,
        ...(body === undefined ? {} : { body }),
        deadlineMs: this.callTimeoutMs,
        maxBodyBytes: MAX_UNARY_BYTES,
      });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      throw walletError(error);
    }
  }

  /** The head of an answer, its body still to come. Throws what `Egress.exchange` throws. */
  open({ method, path, body, deadlineMs, maxBodyBytes, signal }: LndStreamRequest): Promise<ExchangeResponse> {
    return this.#egress.exchange({
      method,
      url: this.#url + path,
      headers: { 'Grpc-Metadata-Macaroon': this.#macaroonHex, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      deadlineMs,
      maxBodyBytes,
      ...(signal === undefined ? {} : { signal }),
      tls: { certificatePem: this.#certificatePem },
    });
  }
}

/** The path without its argument, for messages. */
function callName(path: string): string {
  return path
    .split('/')
    .slice(0, 4)
    .join('/')
    .replace(/\/[0-9a-f]{64}$/, '');
}
