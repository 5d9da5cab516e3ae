import { Readable } from 'node:stream';
import axios, { type AxiosError, type AxiosInstance, getAdapter, isAxiosError, isCancel } from 'axios';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { refuseOldAxios } from '../../src/axios/axios-adapter.js';
import { createAxiosAdapter, findL402Error } from '../../src/axios/index.js';
import { L402Client, type L402ClientOptions, L402Error, type PurchaseStore } from '../../src/index.js';
import { type Lightning, openLightning } from '../support/lightning.js';
import { type Seller, type SellerOptions, startSeller, startServer } from '../support/seller.js';
import { temporaryStore } from '../temporary-store.js';

interface Scene {
  readonly http: AxiosInstance;
  readonly lightning: Lightning;
  readonly seller: Seller;
  readonly client: L402Client;
  readonly store: PurchaseStore;
}

async function setTheScene(
  options: Partial<L402ClientOptions> = {},
  selling: Partial<SellerOptions> = {},
): Promise<Scene> {
  const lightning = openLightning();
  const seller = await startSeller({ issuer: lightning.issuer, ...selling });
  const store = temporaryStore();
  const client = new L402Client({ wallet: lightning.payer, store, ...options });
  onTestFinished(() => client.close());
  const http = axios.create({ baseURL: seller.url, adapter: createAxiosAdapter(client) });
  return { http, lightning, seller, client, store };
}

async function failureOf(call: Promise<unknown>): Promise<AxiosError> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(isAxiosError(error)).toBe(true);
  return error as AxiosError;
}

/** The answer to a paid request, given by hand. */
const answering = (
  answer: (response: Parameters<NonNullable<SellerOptions['onPaid']>>[1]) => void,
): Partial<SellerOptions> => ({
  onPaid(_, response) {
    answer(response);
    return true;
  },
});

/** Until the paid purchase is on the disk and out of the hands of a call that was given up. */
function untilFree(store: PurchaseStore): Promise<void> {
  const free = [expect.objectContaining({ state: 'settled', ownerId: null })];
  return vi.waitFor(() => expect(store.journal.list()).toEqual(free), 60_000);
}

describe('axios with the paying adapter', () => {
  it('pays for what it is asked to pay for, with base URL, params, data, headers and transforms of axios', async () => {
    const { http, lightning, seller } = await setTheScene();
    const seenByInterceptor: number[] = [];
    http.interceptors.response.use((response) => {
      seenByInterceptor.push(response.status);
      return response;
    });
    const response = await http.post(
      '/v1/item',
      { want: 'this' },
      { params: { a: ['x', 'y'], b: 1 }, headers: { 'x-mine': 'yes' } },
    );
    expect(response.status).toBe(200);
    expect(response.data).toMatchObject({
      answer: 1,
      url: '/v1/item?a%5B%5D=x&a%5B%5D=y&b=1',
      body: '{"want":"this"}',
    });
    expect(response.headers['x-payment-outcome']).toBe('charged');
    expect(seller.seen.at(-1)?.headers).toMatchObject({ 'x-mine': 'yes', 'content-type': 'application/json' });
    expect(lightning.settledMsat()).toEqual([5000]);
    expect(seenByInterceptor).toEqual([200]);
  });

  it('gives each type of answer as axios gives it in Node', async () => {
    const { http, lightning } = await setTheScene({ maxPerRequestSats: 10 });
    expect((await http.get('/1')).data).toMatchObject({ answer: 1 });
    expect((await http.get('/2', { responseType: 'json' })).data).toMatchObject({ answer: 2 });
    const text = await http.get<string>('/3', { responseType: 'text', transformResponse: (data: string) => data });
    expect(text.data).toMatch(/^\{"answer":3/);
    const bytes = await http.get<Buffer>('/4', { responseType: 'arraybuffer' });
    expect(Buffer.isBuffer(bytes.data)).toBe(true);
    expect(bytes.data.toString('utf8')).toMatch(/^\{"answer":4/);
    const stream = await http.get<Readable>('/5', { responseType: 'stream' });
    expect(stream.data).toBeInstanceOf(Readable);
    expect(JSON.parse(Buffer.concat(await stream.data.toArray()).toString())).toMatchObject({ answer: 5 });
    expect(lightning.settledMsat()).toHaveLength(5);
  });

  it('streams: the first part is there before the last is sent', async () => {
    const { http } = await setTheScene(
      {},
      answering((response) => {
        response.writeHead(200, { 'x-payment-outcome': 'charged' }).write('first');
      }),
    );
    const { data } = await http.get<Readable>('/1', { responseType: 'stream' });
    const [chunk] = await data.take(1).toArray();
    expect(Buffer.from(chunk as Uint8Array).toString()).toBe('first');
  });

  it('sends a stream as body', async () => {
    const { http } = await setTheScene();
    const response = await http.post('/1', Readable.from(['one ', 'two']), {
      headers: { 'content-type': 'text/plain' },
    });
    expect(response.data).toMatchObject({ body: 'one two' });
  });

  it('makes an AxiosError of a refusal, with our code, and our error as its cause', async () => {
    const { http, lightning } = await setTheScene({ maxPerRequestSats: 1 });
    const error = await failureOf(http.get('/1'));
    expect(error.code).toBe('PRICE_ABOVE_LIMIT');
    expect(error.cause).toBeInstanceOf(L402Error);
    expect(error.cause).toMatchObject({ code: 'PRICE_ABOVE_LIMIT', fundsMoved: 'no', nextStep: expect.any(String) });
    expect(findL402Error(error, 'PRICE_ABOVE_LIMIT')).toBe(error.cause);
    expect(error.config?.url).toBe('/1');
    expect(error.response).toBeUndefined();
    expect(() => JSON.stringify(error)).not.toThrow();
    expect(lightning.payments()).toEqual([]);
  });

  it('leaves to validateStatus which answer is a failure, its body included', async () => {
    const { http } = await setTheScene(
      {},
      answering((response) => response.writeHead(404, { 'x-payment-outcome': 'charged' }).end('{"no":1}')),
    );
    const error = await failureOf(http.get('/1'));
    expect([error.code, error.response?.status, error.response?.data]).toEqual(['ERR_BAD_REQUEST', 404, { no: 1 }]);
    expect((await http.get('/2', { validateStatus: () => true })).status).toBe(404);
    const streamed = await failureOf(http.get('/3', { responseType: 'stream' }));
    const body: unknown = streamed.response?.data;
    if (!(body instanceof Readable)) throw new Error('it has no stream');
    expect(Buffer.concat(await body.toArray()).toString()).toBe('{"no":1}');
  });

  it('ends at maxContentLength, declared or not', async () => {
    const { http } = await setTheScene(
      {},
      answering((response) => response.writeHead(200, { 'x-payment-outcome': 'charged' }).end('x'.repeat(2000))),
    );
    const declared = await failureOf(http.get('/1', { maxContentLength: 100 }));
    expect(declared).toMatchObject({ code: 'ERR_BAD_RESPONSE', message: expect.stringContaining('maxContentLength') });
    const chunked = await setTheScene(
      {},
      answering((response) => {
        response.writeHead(200, { 'x-payment-outcome': 'charged' });
        response.write('x'.repeat(1000));
        response.end('x'.repeat(1000));
      }),
    );
    expect(await failureOf(chunked.http.get('/1', { maxContentLength: 100 }))).toMatchObject({
      code: 'ERR_BAD_RESPONSE',
    });
    expect((await chunked.http.get<string>('/2', { maxContentLength: 2000 })).data).toHaveLength(2000);
  });

  it('ends at its timeout; what is paid by then comes with the next call, which pays nothing', async () => {
    const { http, lightning, store } = await setTheScene();
    lightning.addFault({ kind: 'held' });
    const paying = lightning.nextPayment();
    const error = await failureOf(http.get('/1', { timeout: 4000 }));
    expect(error.code).toBe('ETIMEDOUT');
    await paying;
    lightning.resolveAll();
    await untilFree(store);
    expect((await http.get('/1')).status).toBe(200);
    expect(lightning.settledMsat()).toEqual([5000]);
  });

  it('ends when its signal aborts', async () => {
    const { http, lightning } = await setTheScene();
    lightning.addFault({ kind: 'held' });
    const controller = new AbortController();
    const call = failureOf(http.get('/1', { signal: controller.signal }));
    await lightning.nextPayment();
    controller.abort();
    const error = await call;
    expect(isCancel(error)).toBe(true);
    expect(error.code).toBe('ERR_CANCELED');
    lightning.resolveAll();
  });

  it('sends a key of the caller’s, so that a repeat by a plugin is the same logical call', async () => {
    const { http, lightning } = await setTheScene();
    const headers = { 'idempotency-key': 'the-one-call' };
    await http.get('/1', { headers });
    await http.get('/1', { headers });
    expect(lightning.settledMsat()).toEqual([5000]);
  });

  it('follows no redirect where maxRedirects is 0', async () => {
    const { http, seller } = await setTheScene();
    const away = await startServer((_, response) => response.writeHead(302, { location: seller.url }).end());
    const response = await http.get(away.url, { maxRedirects: 0, validateStatus: () => true });
    expect(response.status).toBe(302);
    expect(seller.seen).toEqual([]);
  });

  it('does not open what the door does not lead to', async () => {
    const { http } = await setTheScene();
    const error = await failureOf(http.get('http://169.254.169.254/latest/meta-data'));
    expect(error.code).toBe('EGRESS_ADDRESS_REFUSED');
  });

  it('holds each call to what it was made with', async () => {
    const { client, seller, lightning } = await setTheScene();
    const error = await failureOf(axios.get(seller.url, { adapter: createAxiosAdapter(client, { maxCostSats: 4 }) }));
    expect(error.code).toBe('PRICE_ABOVE_LIMIT');
    expect(lightning.payments()).toEqual([]);
  });

  it('needs an axios that sends through the function it is given', () => {
    const payingFetch = () => Promise.reject(new Error('never called'));
    expect(() => refuseOldAxios(getAdapter, payingFetch)).not.toThrow();
    // As before 1.12: the configuration is not looked at.
    const old: typeof getAdapter = (adapters) => getAdapter(adapters);
    expect(() => refuseOldAxios(old, payingFetch)).toThrow(expect.objectContaining({ code: 'CLIENT_OPTIONS_INVALID' }));
  });
});
