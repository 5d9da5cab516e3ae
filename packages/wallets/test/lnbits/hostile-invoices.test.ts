import { createEgress, type Egress } from '@satway/egress';
import type { ReceivingWallet } from '@satway/wallets';
import { createLnbitsIssuer } from '@satway/wallets/lnbits';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { unary } from '../lnd/raw-server.js';
import {
  HASH,
  INVOICE_KEY,
  invoiceOf,
  json,
  type LnbitsServer,
  noRow,
  paidRow,
  PREIMAGE,
  rowOf,
  startLnbitsServer,
} from './lnbits-server.js';

let egress: Egress;
let server: LnbitsServer;
let issuer: ReceivingWallet;
beforeAll(() => {
  egress = createEgress();
});
afterAll(() => egress.close());
beforeEach(async () => {
  server = await startLnbitsServer();
  server.routes.post = () => made();
  issuer = createLnbitsIssuer({ url: server.url, key: INVOICE_KEY, egress });
});
afterEach(() => server.close());

/** The answer to a new invoice, preimage included, as LNbits gives it to whoever has the invoice key. */
const made = (invoice: Parameters<typeof invoiceOf>[0] = {}, more: Readonly<Record<string, unknown>> = {}) =>
  json(201, rowOf({ amount: 21_000, fee: 0, status: 'pending', bolt11: invoiceOf(invoice), ...more }));
const create = (more: Partial<Parameters<ReceivingWallet['create']>[0]> = {}, from = issuer) =>
  from.create({ amountMsat: 21_000, description: 'one call', expirySeconds: 3600, ...more });
const invalid = { code: 'WALLET_ANSWER_INVALID', fundsMoved: 'no' };

describe('an invoice that LNbits issues', () => {
  it('is asked for in whole satoshis and never without saying that it is no payment', async () => {
    const issued = await create();
    expect(issued).toEqual({
      invoice: invoiceOf(),
      paymentHashHex: HASH,
      amountMsat: 21_000,
      createdAtMs: 1_795_270_061_000,
      expiresAtMs: 1_795_273_661_000,
    });
    const body: unknown = JSON.parse(server.asked('post')[0]?.body ?? '');
    expect(body).toEqual({ out: false, unit: 'sat', amount: 21, memo: 'one call', expiry: 3600 });
    expect(issuer.network).toBe('regtest');
  });

  it('leaves the preimage where it was', async () => {
    server.routes.row = () => json(200, { paid: true, preimage: PREIMAGE, details: rowOf({ amount: 21_000 }) });
    const seen = JSON.stringify([await create(), await issuer.lookUp(HASH)]);
    expect(seen).not.toContain(PREIMAGE);
    expect(seen).not.toMatch(/preimage/i);
  });

  it.each([1, 999, 1001, 1900, 500, 0, -1000, 1.5, Number.NaN, 2 ** 53])(
    'is refused for %s millisatoshis, and nothing is sent',
    async (amountMsat) => {
      await expect(create({ amountMsat })).rejects.toMatchObject({ code: 'WALLET_REFUSED', fundsMoved: 'no' });
      expect(server.raw.requests).toEqual([]);
    },
  );

  it.each([
    { expirySeconds: 0 },
    { expirySeconds: -1 },
    { expirySeconds: 0.5 },
    { description: 'x'.repeat(640) },
    { description: 'é'.repeat(320) },
  ])('is refused for %j, which LNbits would change or cut', async (more) => {
    await expect(create(more)).rejects.toMatchObject({ code: 'WALLET_REFUSED', fundsMoved: 'no' });
    expect(server.raw.requests).toEqual([]);
  });

  it.each([
    ['another amount', made({ amountMsat: 22_000n })],
    ['no amount', made({ amountMsat: null })],
    ['another hash', made({ paymentHashHex: 'c9'.repeat(32) })],
    ['another description', made({ description: 'LNbits' })],
    ['no hash', made({}, { payment_hash: null })],
    ['no invoice', made({}, { bolt11: null })],
    ['a broken invoice', made({}, { bolt11: `${invoiceOf().slice(0, -1)}q` })],
    ['a wrong status', unary(200, made().split('\r\n\r\n')[1] ?? '')],
    ['an empty object', json(201, {})],
    ['a list', json(201, [])],
    ['nothing', unary(201, '')],
    ['HTML', unary(201, '<html></html>', 'text/html')],
  ])('is refused with %s in it', async (_, answer) => {
    server.routes.post = () => answer;
    await expect(create()).rejects.toMatchObject(invalid);
  });

  it('is taken with another expiry: what stands behind LNbits may have one of its own', async () => {
    server.routes.post = () => made({ expirySeconds: 86_400 });
    const { createdAtMs, expiresAtMs } = await create();
    expect(expiresAtMs - createdAtMs).toBe(86_400_000);
  });

  it('may carry the title of the instance where it was to have no description', async () => {
    server.routes.post = () => made({ description: 'LNbits' });
    expect(await create({ description: '' })).toMatchObject({ paymentHashHex: HASH });
  });

  it('is refused on another network than the one that is set, or that the first one had', async () => {
    const onMainnet = createLnbitsIssuer({ url: server.url, key: INVOICE_KEY, egress, network: 'bitcoin' });
    await expect(create({}, onMainnet)).rejects.toMatchObject({ code: 'WALLET_NETWORK_MISMATCH', fundsMoved: 'no' });
    expect(onMainnet.network).toBe('bitcoin');
    expect(issuer.network).toBe(null);
    await create();
    server.routes.post = () => made({ network: 'signet' });
    await expect(create()).rejects.toMatchObject({ code: 'WALLET_NETWORK_MISMATCH' });
  });

  it.each([
    [401, '{"detail":"No Api Key provided."}', 'WALLET_PERMISSION_DENIED', 'No Api Key'],
    [404, '{"detail":"Wallet not found."}', 'WALLET_PERMISSION_DENIED', 'Wallet not found'],
    [403, '{"detail":"Invoice (or Admin) key required."}', 'WALLET_PERMISSION_DENIED', 'key required'],
    [404, '{"detail":"Not Found"}', 'WALLET_REFUSED', 'Not Found'],
    [
      400,
      '{"detail":[{"loc":["body","memo"],"msg":"too long","type":"x"},7]}',
      'WALLET_REFUSED',
      'body.memo: too long',
    ],
    [429, '{"error":"Rate limit exceeded: 200 per 1 minute"}', 'WALLET_UNREACHABLE', 'Rate limit'],
    [
      520,
      '{"detail":"Unable to connect to https://node.","status":"pending"}',
      'WALLET_UNREACHABLE',
      'Unable to connect',
    ],
    [500, '{"detail":"Unexpected error! ID: x"}', 'WALLET_UNREACHABLE', 'Unexpected error'],
    [502, '<html>Bad gateway</html>', 'WALLET_ANSWER_INVALID', 'HTTP 502'],
  ])('is refused with HTTP %i %s, in words that help', async (status, body, code, words) => {
    server.routes.post = () => unary(status, body);
    const failure: unknown = await create().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code, fundsMoved: 'no' });
    expect(String((failure as Error).message)).toContain(words);
  });
});

describe('looking an invoice up', () => {
  const lookUp = () => issuer.lookUp(HASH);
  const sold = (more: object) => json(200, { paid: false, details: rowOf({ amount: 21_000, fee: 0, ...more }) });

  it('tells what the wallet’s own record says, and nothing on the word of what stands beside it', async () => {
    server.routes.row = () => sold({ status: 'success' });
    expect(await lookUp()).toEqual({ state: 'settled', amountReceivedMsat: 21_000, settledAtMs: null });
    server.routes.row = () =>
      json(200, { paid: true, preimage: PREIMAGE, details: rowOf({ amount: 21_000, status: 'pending' }) });
    expect(await lookUp()).toEqual({ state: 'open', expiresAtMs: 1_795_273_661_000 });
    server.routes.row = () => sold({ status: 'failed' });
    expect(await lookUp()).toEqual({ state: 'closed' });
    server.routes.row = () => noRow;
    expect(await lookUp()).toEqual({ state: 'notFound' });
  });

  it('never takes a payment of the wallet for a sale', async () => {
    server.routes.row = () => paidRow();
    expect(await lookUp()).toEqual({ state: 'notFound' });
  });

  it.each([
    ['without a record of the wallet’s own', json(200, { paid: true, preimage: PREIMAGE }), 'WALLET_PERMISSION_DENIED'],
    ['of another hash', sold({ payment_hash: 'cd'.repeat(32) }), 'WALLET_ANSWER_INVALID'],
    ['in a state that nobody knows', sold({ status: 'half paid' }), 'WALLET_ANSWER_INVALID'],
    ['with an amount past the safe integers', sold({ amount: 2 ** 53 }), 'WALLET_ANSWER_INVALID'],
    ['open, whose invoice is another', sold({ status: 'pending', bolt11: 'lnbcrt1qqqqqq' }), 'WALLET_ANSWER_INVALID'],
    [
      'open, whose invoice has another hash',
      sold({ status: 'pending', bolt11: invoiceOf({ paymentHashHex: 'cd'.repeat(32) }) }),
      'WALLET_ANSWER_INVALID',
    ],
  ])('gives no answer for one %s', async (_, answer, code) => {
    server.routes.row = () => answer;
    await expect(lookUp()).rejects.toMatchObject({ code, fundsMoved: 'no' });
  });

  it.each(['', 'AB'.repeat(32), '../wallet', `${'ab'.repeat(31)}/a`])('asks nothing for the hash %j', async (hash) => {
    await expect(issuer.lookUp(hash)).rejects.toMatchObject({ code: 'WALLET_REFUSED', fundsMoved: 'no' });
    expect(server.raw.requests).toEqual([]);
  });
});

describe('an LNbits wallet that receives', () => {
  it('says that its preimages prove nothing, tells no settlements by itself, and asks nothing before it must', () => {
    expect(issuer).toMatchObject({ kind: 'lnbits', preimageIsProof: false, network: null });
    expect(issuer).not.toHaveProperty('onSettled');
    expect(server.raw.requests).toEqual([]);
  });

  it('is bounded in time and size', async () => {
    const hasty = createLnbitsIssuer({ url: server.url, key: INVOICE_KEY, egress, callTimeoutMs: 60 });
    server.routes.post = () => null;
    await expect(create({}, hasty)).rejects.toMatchObject({ code: 'WALLET_TIMEOUT', fundsMoved: 'no' });
    server.routes.post = () => `HTTP/1.1 201 X\r\nContent-Length: 30000000\r\n\r\n${'x'.repeat(2_000_000)}`;
    await expect(create()).rejects.toMatchObject(invalid);
    server.routes.post = (_, socket) => {
      socket.destroy();
      return null;
    };
    await expect(create()).rejects.toMatchObject({ code: 'WALLET_UNREACHABLE' });
  });
});
