import { createEgress, type Egress } from '@satway/egress';
import { encodeInvoice, type InvoiceToEncode } from '@satway/protocol';
import type { InvoiceIssuer } from '@satway/wallets';
import { connectLndPayer, createLndIssuer } from '@satway/wallets/lnd';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RawServer, startRawServer, streamHead, unary } from './raw-server.js';

const HASH = 'c7'.repeat(32);
const HASH_BASE64 = Buffer.from(HASH, 'hex').toString('base64');
const MACAROON = '0201036c6e6402030301020000062000';

let egress: Egress;
let server: RawServer;
let issuer: InvoiceIssuer;
beforeAll(() => {
  egress = createEgress();
});
afterAll(() => egress.close());
beforeEach(async () => {
  server = await startRawServer();
  issuer = createLndIssuer({ url: server.url, macaroonHex: MACAROON, egress, callTimeoutMs: 5000 });
});
afterEach(() => server.close());

const answersUnary = (status: number, body: unknown, type?: string) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  server.script = (socket) => void socket.write(unary(status, text, type));
};
const invoice = (more: Partial<InvoiceToEncode> = {}) =>
  encodeInvoice(
    {
      network: 'regtest',
      amountMsat: 1000n,
      timestampSeconds: 1_795_270_061,
      paymentHashHex: HASH,
      paymentSecretHex: 'c8'.repeat(32),
      description: 'x',
      ...more,
    },
    Buffer.alloc(32, 9),
  );
const create = (from = issuer) => from.create({ amountMsat: 1000, description: 'x', expirySeconds: 60 });
const invalid = { code: 'WALLET_ANSWER_INVALID', fundsMoved: 'no' };

describe('an invoice that LND issues', () => {
  it('is asked for in millisatoshis, and no more is asked', async () => {
    answersUnary(200, { r_hash: HASH_BASE64, payment_request: invoice() });
    expect(await create()).toMatchObject({ paymentHashHex: HASH, amountMsat: 1000 });
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({ value_msat: '1000', memo: 'x', expiry: '60' });
  });

  it.each([
    ['another amount', { r_hash: HASH_BASE64, payment_request: invoice({ amountMsat: 1001n }) }],
    ['no amount', { r_hash: HASH_BASE64, payment_request: invoice({ amountMsat: null }) }],
    ['another hash', { r_hash: HASH_BASE64, payment_request: invoice({ paymentHashHex: 'c9'.repeat(32) }) }],
    ['no hash', { payment_request: invoice() }],
    ['no invoice', { r_hash: HASH_BASE64 }],
    ['a broken invoice', { r_hash: HASH_BASE64, payment_request: `${invoice().slice(0, -1)}q` }],
    ['an empty object', {}],
    ['HTML', '<html></html>'],
    ['nothing', ''],
    ['a list', []],
  ])('is refused with %s in it', async (_, body) => {
    answersUnary(200, body);
    await expect(create()).rejects.toMatchObject(invalid);
  });

  it('is refused on another network than the one that is set', async () => {
    const onMainnet = createLndIssuer({ url: server.url, macaroonHex: MACAROON, egress, network: 'bitcoin' });
    answersUnary(200, { r_hash: HASH_BASE64, payment_request: invoice() });
    await expect(create(onMainnet)).rejects.toMatchObject({ code: 'WALLET_NETWORK_MISMATCH', fundsMoved: 'no' });
    expect(onMainnet.network).toBe('bitcoin');
  });

  it('is refused on another network than the first one had', async () => {
    answersUnary(200, { r_hash: HASH_BASE64, payment_request: invoice() });
    await create();
    answersUnary(200, { r_hash: HASH_BASE64, payment_request: invoice({ network: 'signet' }) });
    await expect(create()).rejects.toMatchObject({ code: 'WALLET_NETWORK_MISMATCH' });
  });
});

describe('looking an invoice up', () => {
  const lookUp = () => issuer.lookUp(HASH);
  const record = (more: object) => ({
    r_hash: HASH_BASE64,
    creation_date: '100',
    expiry: '60',
    amt_paid_msat: '0',
    ...more,
  });

  it('counts what was paid, more than was asked included', async () => {
    answersUnary(200, record({ state: 'SETTLED', value_msat: '1000', amt_paid_msat: '1500', settle_date: '120' }));
    expect(await lookUp()).toEqual({ state: 'settled', amountReceivedMsat: 1500, settledAtMs: 120_000 });
  });

  it.each([
    ['of another hash', record({ r_hash: Buffer.alloc(32, 1).toString('base64'), state: 'SETTLED' })],
    ['in a state that nobody knows', record({ state: 'HALF_SETTLED' })],
    ['without a state', record({})],
    ['with an amount that is none', record({ state: 'SETTLED', amt_paid_msat: 'all of it' })],
    ['with a negative amount', record({ state: 'SETTLED', amt_paid_msat: '-1000' })],
    ['that expires before its time began', record({ state: 'OPEN', expiry: '-1' })],
    ['with an amount past the safe integers', record({ state: 'SETTLED', amt_paid_msat: '9007199254740993' })],
  ])('gives no answer for one %s', async (_, body) => {
    answersUnary(200, body);
    await expect(lookUp()).rejects.toMatchObject(invalid);
  });

  it('takes only LND’s own words for “unknown”', async () => {
    for (const message of ['unable to locate invoice', 'there are no existing invoices']) {
      answersUnary(404, { code: 5, message, details: [] });
      expect(await lookUp()).toEqual({ state: 'notFound' });
    }
    answersUnary(404, { code: 5, message: 'Not Found', details: [] });
    await expect(lookUp()).rejects.toMatchObject({ code: 'WALLET_REFUSED' });
    answersUnary(404, '<html>Not Found</html>', 'text/html');
    await expect(lookUp()).rejects.toMatchObject(invalid);
  });

  it.each(['', 'AB'.repeat(32), '../v1/getinfo', `${'ab'.repeat(31)}/a`])(
    'asks nothing for the hash %j',
    async (hash) => {
      await expect(issuer.lookUp(hash)).rejects.toMatchObject({ code: 'WALLET_REFUSED', fundsMoved: 'no' });
      expect(server.requests).toEqual([]);
    },
  );
});

describe('a wallet that misbehaves', () => {
  it('is bounded in time and size', async () => {
    const hasty = createLndIssuer({ url: server.url, macaroonHex: MACAROON, egress, callTimeoutMs: 60 });
    server.script = () => undefined;
    await expect(create(hasty)).rejects.toMatchObject({ code: 'WALLET_TIMEOUT', fundsMoved: 'no' });
    server.script = (socket) => void socket.write(`${streamHead()}fffffff\r\n${'x'.repeat(2_000_000)}`);
    await expect(create()).rejects.toMatchObject(invalid);
    server.script = (socket) => void socket.destroy();
    await expect(create()).rejects.toMatchObject({ code: 'WALLET_UNREACHABLE' });
  });

  it('puts no secret of ours into an error, whatever it says', async () => {
    answersUnary(500, { code: 2, message: `your macaroon=${MACAROON} is odd`, details: [] });
    const failure: unknown = await create().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'WALLET_REFUSED' });
    expect(`${String(failure)} ${JSON.stringify(failure)}`).not.toContain(MACAROON);
  });
});

describe('paying with limits that are none', () => {
  it('is refused before anything is sent', async () => {
    const payer = await connectLndPayer({ url: server.url, macaroonHex: MACAROON, egress });
    const request = { invoice: invoice(), paymentHashHex: HASH, amountMsat: 1000, feeLimitMsat: 0, timeoutMs: 1000 };
    for (const wrong of [
      { feeLimitMsat: -1 },
      { feeLimitMsat: 0.5 },
      { feeLimitMsat: Number.NaN },
      { timeoutMs: 0 },
      { paymentHashHex: 'x' },
    ]) {
      await expect(payer.pay({ ...request, ...wrong })).rejects.toMatchObject({
        code: 'WALLET_REFUSED',
        fundsMoved: 'no',
      });
    }
    expect(server.requests).toEqual([]);
  });
});
