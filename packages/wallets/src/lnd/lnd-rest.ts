import { isSatwayError, SatwayError } from '@satway/base';
import { createEgress, type Egress, type ExchangeResponse } from '@satway/egress';
import { type Json, parseJsonObject, walletBaseUrl, walletError } from '../rest/index.js';
import {
  type CertificatePin,
  type LndCertificateSource,
  type LndMacaroonSource,
  readCertificatePin,
  readMacaroonHex,
} from './credentials.js';
import { isNotReady, type LndErrorBody, lndErrorOf, refusedCall, wordsOf } from './lnd-error.js';
import { callName } from './lnd-permission.js';
import { startingUp } from './lnd-state.js';

/** How to reach an LND. */
export type LndConnectionOptions = LndMacaroonSource &
  LndCertificateSource & {
    /** Of its REST interface, such as `https://127.0.0.1:8080`. Plain http is taken for this machine only. */
    readonly url: string;
    /** The door out; one of its own where left out. */
    readonly egress?: Egress | undefined;
    /** For everything but payments; 10,000 by default. */
    readonly callTimeoutMs?: number | undefined;
  };

const DEFAULT_CALL_TIMEOUT_MS = 10_000;
const MAX_UNARY_BYTES = 1024 * 1024;
const MAX_STATE_BYTES = 1024;
const HOW_TO_PIN =
  'On the node: openssl x509 -noout -fingerprint -sha256 -in ~/.lnd/tls.cert; where it is the same, copy tls.cert again or pin that fingerprint.';

/** One call whose answer is followed as it comes. */
export interface LndStreamRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: Json | undefined;
  readonly deadlineMs: number;
  readonly maxBodyBytes: number;
  readonly signal?: AbortSignal;
}

/** A whole answer, whatever it says. */
export interface LndAnswer {
  readonly status: number;
  /** `null` where the body is no JSON object. */
  readonly json: Json | null;
  /** LND's own clock; every answer of it carries it. `null` where a proxy's may stand in its place. */
  readonly nowMs: number | null;
}

/** LND's REST interface with its macaroon. */
export class LndRest {
  readonly callTimeoutMs: number;
  readonly #url: string;
  readonly #macaroonHex: string;
  readonly #pin: CertificatePin;
  readonly #egress: Egress;
  readonly #isOwnEgress: boolean;

  /** @throws {SatwayError} `WALLET_NOT_CONFIGURED`. */
  constructor(options: LndConnectionOptions) {
    this.#url = walletBaseUrl(options.url);
    this.#macaroonHex = readMacaroonHex(options);
    this.#pin = readCertificatePin(options);
    this.#egress = options.egress ?? createEgress();
    this.#isOwnEgress = options.egress === undefined;
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
    options: { readonly body?: Json; readonly expected?: (answer: LndAnswer) => T | null } = {},
  ): Promise<Json | T> {
    const answer = await this.ask({ method, path, body: options.body });
    const { status, json } = answer;
    if (status === 200) {
      if (json !== null) return json;
      throw new SatwayError('WALLET_ANSWER_INVALID', { detail: `${callName(method, path)}: the answer is no JSON.` });
    }
    const expected = options.expected?.(answer) ?? null;
    if (expected !== null) return expected;
    throw await this.refusal(callName(method, path), lndErrorOf(json), status);
  }

  /** The whole answer, errors of LND's included. @throws {SatwayError} what `Egress.exchange` throws, in the wallet's words. */
  async ask(
    request: Omit<LndStreamRequest, 'deadlineMs' | 'maxBodyBytes'> & Partial<LndStreamRequest>,
  ): Promise<LndAnswer> {
    try {
      const response = await this.open({ deadlineMs: this.callTimeoutMs, maxBodyBytes: MAX_UNARY_BYTES, ...request });
      const text = await response.text();
      return { status: response.status, json: parseJsonObject(text), nowMs: clockOf(response) };
    } catch (error) {
      throw lndConnectionError(error);
    }
  }

  /** The error for a call that LND refused; a node on its way up is asked where it stands. */
  async refusal(call: string, error: LndErrorBody | null, status: number): Promise<SatwayError> {
    if (error === null || !isNotReady(error)) return refusedCall(call, error, status);
    const state = { method: 'GET', path: '/v1/state', maxBodyBytes: MAX_STATE_BYTES } as const;
    const told = await this.ask(state).catch(() => null);
    return startingUp(call, wordsOf(error), told?.json ?? null);
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
      tls: this.#pin,
      reach: 'configured',
    });
  }

  /** Closes the connections, where they are this adapter's own. Safe to call twice. */
  async close(): Promise<void> {
    if (this.#isOwnEgress) await this.#egress.close();
  }
}

/** Headers that LND never writes: with one of them, whatever stands in front of it has written on the answer, and `Date` may be its clock. */
const WRITTEN_BY_OTHERS = ['server', 'via', 'age', 'cf-ray', 'x-cache', 'x-served-by'];

/** LND's own clock; `null` where the answer names no time, or shows that somebody else's may stand in it. */
export function clockOf(response: ExchangeResponse): number | null {
  if (WRITTEN_BY_OTHERS.some((name) => response.header(name) !== null)) return null;
  const date = Date.parse(response.header('date') ?? '');
  return Number.isNaN(date) ? null : date;
}

/** LND makes a new key when its certificate has expired, so a changed one says how to pin anew. */
export function lndConnectionError(error: unknown): SatwayError {
  const told = walletError(error);
  if (!isSatwayError(told, 'WALLET_TLS_MISMATCH')) return told;
  return new SatwayError(told.code, {
    detail: [told.detail, HOW_TO_PIN].filter((part) => part !== undefined).join(' '),
    cause: error,
  });
}
