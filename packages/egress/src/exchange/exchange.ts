import { SatwayError } from '@satway/base';
import type { Dispatcher } from 'undici';
import { decodeBody, decodersFor } from './content-coding.js';
import { connectionError, egressError } from './egress-error.js';
import { type ExchangeHead, ExchangeHandler } from './exchange-handler.js';
import type { ExchangeRequest, ExchangeResponse } from './exchange-types.js';

/** Sends one request over a dispatcher and answers with the head; see `Egress.exchange`. */
export function exchangeOver(dispatcher: Dispatcher, request: ExchangeRequest, target: URL): Promise<ExchangeResponse> {
  return new Promise((resolve, reject) => {
    const stopWatching: (() => void)[] = [];
    let stopWatchingHead = (): void => undefined;
    const handler = new ExchangeHandler(request.maxBodyBytes, {
      onHead: (head) => {
        stopWatchingHead();
        resolve(responseOf(head, request.maxBodyBytes));
      },
      onFailure: reject,
      onClosed: () => stopWatching.forEach((stop) => stop()),
    });
    const { deadlineMs, hopTimeoutMs = deadlineMs } = request;
    if (hopTimeoutMs < deadlineMs) stopWatchingHead = watchDeadline(handler, hopTimeoutMs);
    stopWatching.push(watchDeadline(handler, deadlineMs), watchSignal(handler, request.signal), () =>
      stopWatchingHead(),
    );
    dispatch(dispatcher, request, target, handler);
  });
}

function dispatch(dispatcher: Dispatcher, request: ExchangeRequest, target: URL, handler: ExchangeHandler): void {
  const options: Dispatcher.DispatchOptions = {
    origin: target.origin,
    path: target.pathname + target.search,
    method: request.method,
    headers: headerList(request.headers),
    body: request.body ?? null,
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  try {
    dispatcher.dispatch(options, handler);
  } catch (cause) {
    handler.fail(connectionError(false, cause));
  }
}

/** The time limit covers waiting for a connection and a dripping body as well. */
function watchDeadline(handler: ExchangeHandler, deadlineMs: number): () => void {
  const timer = setTimeout(
    () => handler.fail(egressError('EGRESS_TIMEOUT', handler.requestMayHaveBeenSent)),
    deadlineMs,
  );
  return () => clearTimeout(timer);
}

function watchSignal(handler: ExchangeHandler, signal: AbortSignal | undefined): () => void {
  if (signal === undefined) return () => undefined;
  const giveUp = () => handler.fail(egressError('EGRESS_ABORTED', handler.requestMayHaveBeenSent, signal.reason));
  if (signal.aborted) giveUp();
  else signal.addEventListener('abort', giveUp, { once: true });
  return () => signal.removeEventListener('abort', giveUp);
}

function headerList(headers: ExchangeRequest['headers']): string[] {
  if (headers === undefined) return [];
  const pairs = Array.isArray(headers) ? (headers as readonly (readonly [string, string])[]) : Object.entries(headers);
  return pairs.flatMap(([name, value]) => [name, value]);
}

function responseOf(head: ExchangeHead, maxBodyBytes: number): ExchangeResponse {
  const decoders = decodersFor(headerValue(head.rawHeaders, 'content-encoding'));
  const body = decoders === null ? head.body : decodeBody(head.body, decoders, maxBodyBytes);
  return {
    status: head.status,
    statusText: head.statusText,
    rawHeaders: head.rawHeaders,
    header: (name) => headerValue(head.rawHeaders, name),
    body,
    bytes: () => collect(body),
    text: async () => new TextDecoder().decode(await collect(body)),
    discard: () => void head.body.destroy(),
  };
}

function headerValue(rawHeaders: readonly string[], name: string): string | null {
  const wanted = name.toLowerCase();
  const values = rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === wanted);
  return values.length === 0 ? null : values.join(', ');
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** @throws {SatwayError} `EGRESS_URL_INVALID`; the URL is not repeated, since it may hold a password. */
export function parseTarget(url: string): URL {
  const target = URL.canParse(url) ? new URL(url) : null;
  if (target === null || !/^https?:$/.test(target.protocol) || target.username !== '' || target.password !== '') {
    throw new SatwayError('EGRESS_URL_INVALID');
  }
  return target;
}
