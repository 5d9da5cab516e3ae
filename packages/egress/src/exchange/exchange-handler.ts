import { Readable } from 'node:stream';
import type { SatwayError } from '@satway/base';
import type { Dispatcher } from 'undici';
import { connectionError, egressError } from './egress-error.js';

/** The head of an answer, before its body. */
export interface ExchangeHead {
  readonly status: number;
  readonly statusText: string;
  readonly rawHeaders: readonly string[];
  readonly body: Readable;
}

/** What an exchange calls back: once `onHead` or `onFailure` before the head, and `onClosed` when nothing more can happen. */
export interface ExchangeEvents {
  onHead(head: ExchangeHead): void;
  onFailure(error: SatwayError): void;
  onClosed(): void;
}

/**
 * Follows one dispatch: counts the body against its limit, holds the peer back while the reader is slow, and knows whether the
 * request can have left (undici tells at the moment it begins to write).
 */
export class ExchangeHandler implements Dispatcher.DispatchHandler {
  #controller: Dispatcher.DispatchController | null = null;
  #body: Readable | null = null;
  #received = 0;
  #failure: SatwayError | null = null;
  #started = false;
  #complete = false;
  readonly #maxBodyBytes: number;
  readonly #events: ExchangeEvents;

  constructor(maxBodyBytes: number, events: ExchangeEvents) {
    this.#maxBodyBytes = maxBodyBytes;
    this.#events = events;
  }

  get requestMayHaveBeenSent(): boolean {
    return this.#started;
  }

  /** Ends the exchange with this error, wherever it stands; a request that waits for its connection is never written. */
  fail(error: SatwayError): void {
    if (this.#complete || this.#failure !== null) return;
    this.#failure = error;
    if (this.#controller !== null) this.#controller.abort(error);
    this.#report(error);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#failure !== null) controller.abort(this.#failure);
    else this.#started = true;
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, _headers: unknown, statusText = ''): void {
    if (status < 200) return;
    this.#body = new Readable({
      highWaterMark: 64 * 1024,
      read: () => controller.resume(),
      destroy: (error, callback) => {
        // A body that was read to its end destroys itself.
        if (!this.#complete) this.fail(egressError('EGRESS_ABORTED', true, error));
        callback(error);
      },
    });
    // An error that comes when nobody reads any more must not become an uncaught exception.
    this.#body.on('error', () => undefined);
    this.#events.onHead({ status, statusText, rawHeaders: rawHeadersOf(controller), body: this.#body });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#received += chunk.length;
    if (this.#received > this.#maxBodyBytes) this.fail(egressError('EGRESS_TOO_LARGE', true));
    else if (this.#body?.push(chunk) === false) controller.pause();
  }

  onResponseEnd(): void {
    if (this.#failure !== null) return;
    this.#complete = true;
    this.#body?.push(null);
    this.#events.onClosed();
  }

  onResponseError(_controller: Dispatcher.DispatchController, cause: Error): void {
    this.fail(connectionError(this.#started, cause));
  }

  #report(error: SatwayError): void {
    if (this.#body === null) this.#events.onFailure(error);
    else this.#body.destroy(error);
    this.#events.onClosed();
  }
}

function rawHeadersOf(controller: Dispatcher.DispatchController): string[] {
  const raw = controller.rawHeaders;
  return Array.isArray(raw) ? raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1'))) : [];
}
