import { Readable } from 'node:stream';
import type { ReadableStream as NodeWebStream } from 'node:stream/web';
import { SatwayError } from '@satway/base';
import {
  type AxiosAdapter,
  type AxiosResponse,
  getAdapter,
  type InternalAxiosRequestConfig,
  isAxiosError,
} from 'axios';
import type { CallInput } from '../call/index.js';
import { readTerms } from '../l402-client/call-terms.js';
import type { L402Client, PerCallOptions } from '../l402-client/index.js';

/**
 * An adapter with which axios pays: `axios.create({ adapter: createAxiosAdapter(client) })`. Everything that axios does itself stays as it is (`params`, `data`,
 * `timeout`, `signal`, `validateStatus`, `maxContentLength`, interceptors, transforms); sending, paying and redirects are the client's, so `httpAgent`, `proxy`,
 * `socketPath` and `maxRedirects` above 0 have no meaning.
 *
 * Every failure is an `AxiosError`; where it is one of ours, `code` is its code and `cause` the `L402Error`, with `fundsMoved` and `nextStep`.
 *
 * @param perCall - narrows what each call may do.
 * @throws {SatwayError} `CLIENT_OPTIONS_INVALID` where axios is older than 1.12, and as `createPayingFetch`.
 */
export function createAxiosAdapter(client: Pick<L402Client, 'fetch'>, perCall?: PerCallOptions): AxiosAdapter {
  readTerms(perCall);
  // One function for all calls: axios keeps an adapter for each.
  const payingFetch: PayingFetch = (input, init) => client.fetch(input, init, perCall);
  refuseOldAxios(getAdapter, payingFetch);
  return async function payingAdapter(config: InternalAxiosRequestConfig): Promise<AxiosResponse> {
    const env = { ...config.env, fetch: payingFetch };
    const send = getAdapter('fetch', { ...config, env });
    try {
      return asNodeBody(await send(config));
    } catch (error) {
      if (isAxiosError(error) && error.response !== undefined) asNodeBody(error.response);
      throw error;
    }
  };
}

/** In Node, axios gives streams that can be piped, and Buffers; whoever changes the adapter need not change what reads them. */
function asNodeBody(response: AxiosResponse<unknown>): AxiosResponse {
  const { data } = response;
  if (data instanceof ReadableStream) response.data = Readable.fromWeb(data as NodeWebStream<Uint8Array>);
  if (data instanceof ArrayBuffer) response.data = Buffer.from(data);
  return response;
}

type PayingFetch = (input: CallInput, init?: RequestInit) => Promise<Response>;

/**
 * An older axios would pass the function over that it is given, and send by itself: unpaid, and through no door of ours. A newer one has an adapter of its own for each function.
 *
 * @throws {SatwayError} `CLIENT_OPTIONS_INVALID`.
 */
export function refuseOldAxios(adapterOf: typeof getAdapter, payingFetch: PayingFetch): void {
  if (adapterOf('fetch', { env: { fetch: payingFetch } }) !== adapterOf('fetch')) return;
  throw new SatwayError('CLIENT_OPTIONS_INVALID', { detail: 'The axios adapter needs axios 1.12 or newer.' });
}
