import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEgress, type Egress } from '@satway/egress';
import type { PayingWallet, PayRequest } from '@satway/wallets';
import { connectLnbitsPayer, connectLnbitsReader } from '@satway/wallets/lnbits';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { unary } from '../lnd/raw-server.js';
import {
  ADMIN_KEY,
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
  WALLET_ID,
} from './lnbits-server.js';

let egress: Egress;
let server: LnbitsServer;
let payer: PayingWallet;

beforeAll(() => {
  egress = createEgress();
});
afterAll(() => egress.close());
beforeEach(async () => {
  server = await startLnbitsServer();
  payer = await connectLnbitsPayer({ url: server.url, key: ADMIN_KEY, egress });
});
afterEach(() => server.close());

const settled = { state: 'settled', preimageHex: PREIMAGE, amountMsat: 21_000, feeMsat: 7 };
const pay = (more: Partial<PayRequest> = {}) =>
  payer.pay({
    invoice: invoiceOf(),
    paymentHashHex: HASH,
    amountMsat: 21_000,
    feeLimitMsat: 2000,
    timeoutMs: 20_000,
    ...more,
  });
const posts = (answer: string) => {
  server.routes.post = () => answer;
};
const shows = (answer: string) => {
  server.routes.row = () => answer;
};
const details = (more: Readonly<Record<string, unknown>>) => json(200, { paid: false, details: rowOf(more) });
const failedRow = details({ status: 'failed', preimage: null });
const refusal = (detail: string, status: string) => json(520, { detail, status });

const NETWORK_MEMO = 'Satway asks for the network';

/** Says no more than it did to the socket. */
const silent = (_done: unknown): null => null;

describe('what is asked of LNbits', () => {
  it('is a payment of this very invoice, with the key in its header, at the path of the instance', async () => {
    expect(await pay()).toEqual(settled);
    const [request] = server.asked('post');
    expect(JSON.parse(request?.body ?? '')).toEqual({ out: true, bolt11: invoiceOf() });
    expect(request?.head).toMatch(/^POST \/pay\/lnbits\/api\/v1\/payments HTTP/);
    expect(request?.head.toLowerCase()).toContain(`x-api-key: ${ADMIN_KEY}`);
  });

  it('is the fee reserve of the very invoice before it is paid, and nothing is paid where it is above the limit', async () => {
    const before = server.asked('feeReserve').length;
    expect(await pay({ feeLimitMsat: 1999 })).toMatchObject({ state: 'failed', reason: 'rejected_before_sending' });
    expect(server.asked('feeReserve').slice(before).at(-1)?.head).toContain(`invoice=${invoiceOf()}`);
    expect(server.asked('post')).toEqual([]);
    expect(await pay({ feeLimitMsat: 1999, mayHaveBeenSentBefore: true })).toMatchObject({ state: 'unknown' });
    expect(server.asked('post')).toEqual([]);
  });

  it.each([
    ['another amount', { amountMsat: 22_000 }, {}],
    ['no amount', {}, { amountMsat: null }],
    ['another payment hash', { paymentHashHex: 'cd'.repeat(32) }, {}],
    ['another network', {}, { network: 'bitcoin' as const }],
    ['another, less than one satoshi', { amountMsat: 1 }, {}],
  ])('is nothing for an invoice with %s', async (_, asked, made) => {
    const request = { invoice: invoiceOf(made), ...asked };
    expect(await pay(request)).toMatchObject({ state: 'failed', reason: 'rejected_before_sending' });
    expect(await pay({ ...request, mayHaveBeenSentBefore: true })).toMatchObject({ state: 'unknown' });
    expect(server.asked('post')).toEqual([]);
  });

  it('is nothing for what is no invoice', async () => {
    const invoice = `${invoiceOf().slice(0, -1)}q`;
    expect(await pay({ invoice })).toMatchObject({ state: 'failed', reason: 'rejected_before_sending' });
    expect(server.asked('post')).toEqual([]);
  });

  it('is nothing for an invoice that has expired by the clock of LNbits, whatever our own clock says', async () => {
    // The server's clock stands at 14:07:44; the invoices of these tests are from 14:07:41.
    const expired = invoiceOf({ expirySeconds: 3 });
    expect(await pay({ invoice: expired })).toMatchObject({ state: 'failed', reason: 'expired' });
    expect(server.asked('post')).toEqual([]);
    expect(await pay({ invoice: expired, mayHaveBeenSentBefore: true })).toMatchObject({ state: 'unknown' });
    expect(await pay({ invoice: invoiceOf({ expirySeconds: 4 }) })).toEqual(settled);
  });

  it.each([-3_600_000, 3_600_000])('is the same with our own clock %i milliseconds off', async (offMs) => {
    onTestFinished(() => void vi.useRealTimers());
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-21T14:07:44Z') + offMs });
    const expired = invoiceOf({ expirySeconds: 3 });
    expect(await pay({ invoice: expired })).toMatchObject({ state: 'failed', reason: 'expired' });
    expect(await pay({ invoice: invoiceOf({ expirySeconds: 4 }) })).toEqual(settled);
    expect(await payer.lookUp(HASH)).toEqual(settled);
  });

  it.each([
    { feeLimitMsat: -1 },
    { feeLimitMsat: 0.5 },
    { feeLimitMsat: Number.NaN },
    { timeoutMs: 0 },
    { paymentHashHex: 'x' },
  ])('is nothing for the limits %j', async (wrong) => {
    await expect(pay(wrong)).rejects.toMatchObject({ code: 'WALLET_REFUSED', fundsMoved: 'no' });
    expect(server.asked('post')).toEqual([]);
  });

  it('is nothing when the fee reserve cannot be had', async () => {
    server.routes.feeReserve = () => json(500, { detail: 'Unexpected error! ID: x' });
    await expect(pay()).rejects.toMatchObject({ code: 'WALLET_UNREACHABLE', fundsMoved: 'no' });
    server.routes.feeReserve = () => json(200, { fee_reserve: -1 });
    await expect(pay()).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID', fundsMoved: 'no' });
    server.routes.feeReserve = () => null;
    await expect(pay({ timeoutMs: 60 })).rejects.toMatchObject({ code: 'WALLET_TIMEOUT', fundsMoved: 'no' });
    expect(server.asked('post')).toEqual([]);
  });
});

describe('a payment that LNbits says is done', () => {
  it('is settled only by the wallet’s own record of it', async () => {
    shows(noRow);
    expect(await pay()).toMatchObject({ state: 'unknown' });
    shows(json(200, { paid: true, preimage: PREIMAGE }));
    expect(await pay()).toMatchObject({ state: 'unknown' });
    shows(json(200, { paid: true, preimage: PREIMAGE, details: null }));
    expect(await pay()).toMatchObject({ state: 'unknown' });
  });

  it.each([
    ['is of another hash', { payment_hash: 'cd'.repeat(32) }],
    ['is of another wallet', { wallet_id: 'somebody' }],
    ['is of a sale', { amount: 21_000 }],
    ['is of no amount', { amount: 0 }],
    ['has an amount that is none', { amount: '-21 sat' }],
    ['has a status that nobody knows', { status: 'postponed' }],
    ['has no status', { status: null }],
    ['has another preimage', { preimage: '22'.repeat(32) }],
    ['has the preimage in capitals', { preimage: PREIMAGE.toUpperCase() }],
    ['has no preimage', { preimage: null }],
    ['says failed and shows the preimage', { status: 'failed' }],
  ])('is unknown where the record %s', async (_, more) => {
    shows(paidRow(more));
    const outcome = await pay();
    expect(outcome).toMatchObject({ state: 'unknown' });
    expect(JSON.stringify(outcome)).not.toContain('22222222');
  });

  it.each([null, 'many', 0.5, Number.MAX_SAFE_INTEGER])(
    'is settled though its record names the fee %s, and costs what LNbits may take at most',
    async (fee) => {
      shows(paidRow({ fee }));
      expect(await pay()).toEqual({ ...settled, feeMsat: 2000 });
      expect(await payer.lookUp(HASH)).toEqual({ ...settled, feeMsat: payer.feeCeilingMsat(21_000) });
    },
  );

  it('is unknown and was seen where the record says pending, also after a refusal', async () => {
    shows(details({ status: 'pending', preimage: null }));
    posts(refusal('Payment failed: x', 'failed'));
    expect(await pay()).toMatchObject({ state: 'unknown', seenInFlight: true });
    posts(refusal('Payment is still pending.', 'pending'));
    expect(await pay()).toMatchObject({ state: 'unknown', seenInFlight: true });
    posts(json(201, rowOf({ status: 'pending', preimage: null })));
    shows(json(500, { detail: 'Unexpected error! ID: x' }));
    expect(await pay({ timeoutMs: 1500 })).toMatchObject({ state: 'unknown', seenInFlight: true });
    shows(noRow);
    expect(await pay()).toMatchObject({ state: 'unknown', seenInFlight: true });
    posts(refusal('Payment already paid.', 'success'));
    expect(await pay()).not.toHaveProperty('seenInFlight');
  });

  it('costs the fee that the record names, whatever its sign', async () => {
    shows(paidRow({ fee: 12 }));
    expect(await pay()).toEqual({ ...settled, feeMsat: 12 });
  });

  it('has failed where the answer is 201 and the record says so, and is unknown where it may be an older request’s', async () => {
    posts(json(201, rowOf({ status: 'failed', preimage: null })));
    shows(failedRow);
    expect(await pay()).toMatchObject({ state: 'failed' });
    expect(await pay({ mayHaveBeenSentBefore: true })).toMatchObject({ state: 'unknown' });
  });

  it('is settled though LNbits answers with the state of an older request', async () => {
    posts(json(201, rowOf({ status: 'failed', preimage: null })));
    expect(await pay({ mayHaveBeenSentBefore: true })).toEqual(settled);
  });

  it('is followed by its record while it is pending, and settled when that says so; a failure there may be that of another program', async () => {
    posts(json(201, rowOf({ status: 'pending', preimage: null })));
    const pending = details({ status: 'pending', preimage: null });
    for (const [last, outcome] of [
      [paidRow(), settled],
      [failedRow, { state: 'unknown', seenInFlight: true }],
    ] as const) {
      const records = [pending, pending, last];
      server.routes.row = () => records.shift() ?? last;
      expect(await pay()).toMatchObject(outcome);
    }
  });

  it('is unknown when it is pending at the time limit, and is asked for no more', async () => {
    posts(json(201, rowOf({ status: 'pending', preimage: null })));
    shows(details({ status: 'pending', preimage: null }));
    expect(await pay({ timeoutMs: 2500 })).toMatchObject({ state: 'unknown', seenInFlight: true });
    const asked = server.asked('row').length;
    expect(asked).toBeLessThanOrEqual(6);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(server.asked('row')).toHaveLength(asked);
  });
});

describe('a payment that LNbits refuses', () => {
  it.each([
    [520, 'Insufficient balance.', 'insufficient_balance'],
    [520, 'You must reserve at least (2  sat) to cover potential routing fees.', 'insufficient_balance'],
    [520, 'Bolt11 decoding failed.', 'other'],
    [520, 'Internal invoice already paid.', 'other'],
    [400, 'Daily withdrawal limit of 10 sats reached.', 'rejected_before_sending'],
    [401, 'No Api Key provided.', 'rejected_before_sending'],
    [403, 'Invoice (or Admin) key required.', 'rejected_before_sending'],
    [404, 'Wallet not found.', 'rejected_before_sending'],
  ])(
    'with %i %s has failed where nothing was written down, at the first request only',
    async (code, detail, reason) => {
      posts(json(code, { detail, status: 'failed' }));
      shows(noRow);
      expect(await pay()).toMatchObject({ state: 'failed', reason });
      expect(await pay({ mayHaveBeenSentBefore: true })).toMatchObject({ state: 'unknown' });
    },
  );

  it.each([
    ['FAILURE_REASON_NO_ROUTE', 'no_route'],
    ['FAILURE_REASON_INCORRECT_PAYMENT_DETAILS', 'incorrect_payment_details'],
    ['FAILURE_REASON_TIMEOUT', 'timeout'],
    ['FAILURE_REASON_INSUFFICIENT_BALANCE', 'insufficient_balance'],
    ['invoice expired. Valid until 2026-11-21 14:07:44 +0000 UTC', 'expired'],
    ["invoice not for current active network 'regtest'", 'rejected_before_sending'],
    ['something new', 'other'],
  ])('for %s has failed where the wallet’s record says so', async (why, reason) => {
    posts(refusal(`Payment failed: ${why}`, 'failed'));
    shows(failedRow);
    expect(await pay()).toMatchObject({ state: 'failed', reason });
    expect(await pay({ mayHaveBeenSentBefore: true })).toMatchObject({ state: 'unknown' });
  });

  it('as paid already is a question to look up, and so is what says failed of a payment that went through', async () => {
    posts(refusal('Payment already paid.', 'success'));
    expect(await pay()).toMatchObject({ state: 'unknown' });
    shows(noRow);
    expect(await pay()).toMatchObject({ state: 'unknown' });
    posts(refusal('Internal invoice already paid.', 'failed'));
    shows(paidRow({ checking_id: `internal_${HASH}` }));
    expect(await pay()).toMatchObject({ state: 'unknown' });
    posts(refusal('Payment is still pending.', 'pending'));
    shows(failedRow);
    expect(await pay()).toMatchObject({ state: 'unknown' });
  });

  it('is unknown where the record is pending, of another wallet, or cannot be read', async () => {
    posts(refusal('Payment failed: x', 'failed'));
    const odd = [
      details({ status: 'pending' }),
      details({ status: 'failed', preimage: PREIMAGE }),
      details({ status: 'failed', preimage: null, wallet_id: 'somebody' }),
      json(200, { paid: false, status: 'failed' }),
      json(404, { detail: 'Not Found' }),
      json(500, { detail: 'Unexpected error! ID: x' }),
      unary(404, '<html>Not Found</html>', 'text/html'),
    ];
    for (const answer of odd) {
      shows(answer);
      expect(await pay(), answer).toMatchObject({ state: 'unknown' });
    }
    server.routes.row = (_, socket) => silent(socket.destroy());
    expect(await pay()).toMatchObject({ state: 'unknown' });
  });

  it('has failed where the record is an invoice of the wallet’s own', async () => {
    posts(refusal('Insufficient balance.', 'failed'));
    shows(details({ status: 'pending', amount: 21_000 }));
    expect(await pay()).toMatchObject({ state: 'failed', reason: 'insufficient_balance' });
  });

  it.each([
    [429, '{"error":"Rate limit exceeded: 200 per 1 minute"}'],
    [500, '{"detail":"Unexpected error! ID: x"}'],
    [502, '{"detail":"Bad gateway"}'],
    [520, '{"detail":"Payment failed: x"}'],
    [520, '{"status":"failed"}'],
    [200, '{"status":"success"}'],
    [307, '{"detail":"x"}'],
    [400, '{}'],
    [404, '[]'],
    [201, 'null'],
    [201, ''],
  ])('with HTTP %i %s is unknown, whatever is written down', async (status, body) => {
    posts(unary(status, body));
    for (const record of [noRow, failedRow, paidRow()]) {
      shows(record);
      expect(await pay()).toMatchObject({ state: 'unknown' });
    }
  });

  it('with a page of HTML is unknown, whatever its status', async () => {
    shows(noRow);
    for (const status of [200, 201, 400, 401, 403, 404, 500, 502, 503, 520]) {
      posts(unary(status, '<html><body>Bad gateway</body></html>', 'text/html'));
      expect(await pay()).toMatchObject({ state: 'unknown' });
    }
  });
});

describe('an answer that never comes whole', () => {
  it('is unknown: cut, empty, dripping, or too large', async () => {
    const whole = json(201, rowOf());
    server.routes.post = (_, socket) => silent(socket.destroy());
    expect(await pay()).toMatchObject({ state: 'unknown' });
    server.routes.post = (_, socket) => silent(socket.end(whole.slice(0, -20)));
    expect(await pay()).toMatchObject({ state: 'unknown' });
    server.routes.post = (_, socket) => silent(socket.write(whole.slice(0, -20)));
    expect(await pay({ timeoutMs: 1500 })).toMatchObject({ state: 'unknown' });
    server.routes.post = () => `HTTP/1.1 201 X\r\nContent-Length: 30000000\r\n\r\n${'x'.repeat(2_000_000)}`;
    expect(await pay()).toMatchObject({ state: 'unknown' });
  });

  it('is unknown at the caller’s time limit, while the request stays with LNbits', async () => {
    let left = false;
    let answerLater: (() => void) | undefined;
    server.routes.post = (_, socket) => {
      socket.once('close', () => (left = true));
      answerLater = () => void socket.write(json(201, rowOf()));
      return null;
    };
    expect(await pay({ timeoutMs: 1500 })).toMatchObject({ state: 'unknown' });
    expect(left).toBe(false);
    answerLater?.();
    expect(await payer.lookUp(HASH)).toEqual(settled);
    expect(left).toBe(false);
  });

  it('is unknown when the wallet is closed in between, and nothing is sent afterwards', async () => {
    const reached = new Promise<void>((resolve) => {
      server.routes.post = () => {
        resolve();
        return null;
      };
    });
    const paying = pay();
    await reached;
    await payer.close();
    expect(await paying).toMatchObject({ state: 'unknown' });
    await payer.close();
    await expect(pay()).rejects.toMatchObject({ code: 'WALLET_UNREACHABLE', fundsMoved: 'no' });
    expect(server.asked('post')).toHaveLength(1);
  });

  it('is an error that says that nothing was sent, where LNbits goes away before the payment', async () => {
    const leaving = createServer((request, response) => {
      const path = request.url ?? '';
      const isAboutToPay = path.includes(invoiceOf());
      // Stops listening, and leaves no connection that could be used again.
      if (isAboutToPay) leaving.close();
      response.sendDate = false;
      response.setHeader('connection', 'close').setHeader('content-type', 'application/json');
      if (path.includes('fee-reserve')) return response.end('{"fee_reserve":2000}');
      return response.end(JSON.stringify(path.includes('payments') ? [rowOf()] : { name: 'w', id: WALLET_ID }));
    }).listen(0, '127.0.0.1');
    await once(leaving, 'listening');
    const url = `http://127.0.0.1:${(leaving.address() as AddressInfo).port}`;
    payer = await connectLnbitsPayer({ url, key: ADMIN_KEY, egress });
    await expect(pay()).rejects.toMatchObject({ code: 'WALLET_UNREACHABLE', fundsMoved: 'no' });
  });

  it('is an error that says that nothing was sent, where LNbits cannot be reached', async () => {
    await server.close();
    await expect(pay()).rejects.toMatchObject({ code: 'WALLET_UNREACHABLE', fundsMoved: 'no' });
    server = await startLnbitsServer();
  });
});

describe('looking a payment up', () => {
  const lookUp = () => payer.lookUp(HASH);
  const at = Date.parse('2026-11-21T14:07:44Z');

  it('tells what the wallet’s own record says', async () => {
    expect(await lookUp()).toEqual(settled);
    shows(details({ status: 'pending', preimage: null }));
    expect(await lookUp()).toEqual({ state: 'inFlight' });
    shows(failedRow);
    expect(await lookUp()).toMatchObject({ state: 'failed', walletNowMs: at });
    shows(noRow);
    expect(await lookUp()).toEqual({ state: 'notFound', walletNowMs: null });
    shows(details({ status: 'pending', amount: 21_000 }));
    expect(await lookUp()).toEqual({ state: 'notFound', walletNowMs: null });
  });

  it.each([
    [200, '{"paid":true,"preimage":"x"}', 'WALLET_PERMISSION_DENIED'],
    [200, '{"paid":true,"details":{}}', 'WALLET_ANSWER_INVALID'],
    [200, '[]', 'WALLET_ANSWER_INVALID'],
    [200, '', 'WALLET_ANSWER_INVALID'],
    [307, '', 'WALLET_ANSWER_INVALID'],
    [401, '{"detail":"No Api Key provided."}', 'WALLET_PERMISSION_DENIED'],
    [404, '{"detail":"Not Found"}', 'WALLET_REFUSED'],
    [404, '{"detail":"Wallet not found."}', 'WALLET_PERMISSION_DENIED'],
    [404, '<html></html>', 'WALLET_ANSWER_INVALID'],
    [429, '{"error":"Rate limit exceeded: 200 per 1 minute"}', 'WALLET_UNREACHABLE'],
    [500, '{"detail":"Unexpected error! ID: x"}', 'WALLET_UNREACHABLE'],
    [500, '{"detail":"Payment does not exist."}', 'WALLET_UNREACHABLE'],
    [503, '<html></html>', 'WALLET_ANSWER_INVALID'],
  ])('is an error, and no answer about the payment, for HTTP %i %s', async (status, body, code) => {
    shows(unary(status, body));
    await expect(lookUp()).rejects.toMatchObject({ code, fundsMoved: 'no' });
  });

  it.each([
    ['without its preimage', { preimage: null }],
    ['with another preimage', { preimage: '22'.repeat(32) }],
    ['of another hash', { payment_hash: 'cd'.repeat(32) }],
    ['of another wallet', { wallet_id: 'somebody' }],
    ['that failed and shows the preimage', { status: 'failed' }],
  ])('takes no record %s', async (_, more) => {
    shows(paidRow(more));
    await expect(lookUp()).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID', fundsMoved: 'no' });
  });

  it.each(['', 'AB'.repeat(32), '../wallet', `${'ab'.repeat(31)}/a`])('asks nothing for the hash %j', async (hash) => {
    await expect(payer.lookUp(hash)).rejects.toMatchObject({ code: 'WALLET_REFUSED', fundsMoved: 'no' });
    expect(server.asked('row')).toEqual([]);
  });
});

describe('connecting to a wallet that pays', () => {
  const connect = (more: object = {}) => connectLnbitsPayer({ url: server.url, key: ADMIN_KEY, egress, ...more });

  it('tells who it is, its network, its balance, and that it refuses a second payment', async () => {
    expect(payer).toMatchObject({
      kind: 'lnbits',
      identity: `lnbits:${WALLET_ID}`,
      network: 'regtest',
      refusesSecondPayment: true,
    });
    expect(await payer.balance()).toEqual({ spendableMsat: 100_000 });
    server.routes.wallet = () => json(200, { name: 'w', balance: -5 });
    expect(await payer.balance()).toEqual({ spendableMsat: 0 });
    server.routes.wallet = () => json(200, { name: 'w', balance: '1e9' });
    await expect(payer.balance()).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID' });
    expect(server.asked('post')).toEqual([]);
  });

  it('is refused with an invoice key, and with one that LNbits does not know', async () => {
    await expect(connect({ key: INVOICE_KEY })).rejects.toMatchObject({ code: 'WALLET_PERMISSION_DENIED' });
    server.routes.wallet = () => json(404, { detail: 'Wallet not found.' });
    await expect(connect()).rejects.toMatchObject({ code: 'WALLET_PERMISSION_DENIED', fundsMoved: 'no' });
  });

  it('is refused on another network than the one that is set', async () => {
    await expect(connect({ network: 'bitcoin' })).rejects.toMatchObject({ code: 'WALLET_NETWORK_MISMATCH' });
    expect((await connect({ network: 'regtest' })).network).toBe('regtest');
  });

  const others = [
    rowOf({ checking_id: `internal_${HASH}`, bolt11: invoiceOf({ network: 'bitcoin' }) }),
    rowOf({ status: 'failed', bolt11: invoiceOf({ network: 'bitcoin' }) }),
    rowOf({ amount: 21_000, bolt11: invoiceOf({ network: 'bitcoin' }) }),
    rowOf({ amount: 1000, bolt11: invoiceOf({ network: 'bitcoin', amountMsat: 1000n }) }),
    rowOf({ amount: 21_000, memo: NETWORK_MEMO, bolt11: invoiceOf({ network: 'bitcoin' }) }),
  ];
  const askingInvoice = (more = {}) =>
    invoiceOf({ network: 'signet', amountMsat: 1000n, description: NETWORK_MEMO, expirySeconds: 3600, ...more });
  const asking = (more = {}) => rowOf({ amount: 1000, memo: NETWORK_MEMO, bolt11: askingInvoice(), ...more });
  /** A wallet that has paid nothing over Lightning yet. */
  const isFresh = () => {
    server.routes.list = () => json(200, others);
    server.routes.post = ({ body }) => json(201, body.includes('"out":false') ? asking() : rowOf());
  };

  it('asks with an invoice of 1 sat where the wallet has paid nothing over Lightning yet', async () => {
    isFresh();
    expect((await connect()).network).toBe('signet');
    expect(JSON.parse(server.asked('post')[0]?.body ?? '')).toMatchObject({ out: false, unit: 'sat', amount: 1 });
  });

  it('asks no second time while that invoice stands in its list', async () => {
    for (const status of ['pending', 'success']) {
      server.routes.list = () => json(200, [...others, asking({ status })]);
      expect((await connect()).network).toBe('signet');
    }
    expect(server.asked('post')).toEqual([]);
  });

  it('makes no invoice to read only, and names no network that it does not know', async () => {
    isFresh();
    const reader = await connectLnbitsReader({ url: server.url, key: ADMIN_KEY, egress });
    expect(reader).toMatchObject({ kind: 'lnbits', identity: `lnbits:${WALLET_ID}`, network: null });
    expect(await reader.balance()).toEqual({ spendableMsat: 100_000 });
    expect(await reader.lookUp(HASH)).toEqual(settled);
    expect(await reader.inspect()).toMatchObject({ network: null });
    expect(reader).not.toHaveProperty('pay');
    expect(server.asked('post')).toEqual([]);
    server.routes.list = () => json(200, [rowOf()]);
    expect(await connectLnbitsReader({ url: server.url, key: ADMIN_KEY, egress })).toMatchObject({
      network: 'regtest',
    });
    await expect(connectLnbitsReader({ url: server.url, key: INVOICE_KEY, egress })).rejects.toMatchObject({
      code: 'WALLET_PERMISSION_DENIED',
    });
  });

  it('makes no invoice where the network is named, until it pays for the first time', async () => {
    isFresh();
    const named = await connect({ network: 'signet' });
    expect(named.network).toBe('signet');
    expect(server.asked('post')).toEqual([]);
    const bill = { invoice: invoiceOf({ network: 'signet' }), paymentHashHex: HASH, amountMsat: 21_000 };
    const paying = [0, 1, 2].map(() => named.pay({ ...bill, feeLimitMsat: 2000, timeoutMs: 20_000 }));
    expect(await Promise.all(paying)).toEqual([settled, settled, settled]);
    expect(server.asked('post').map(({ body }) => body.includes('"out":false'))).toEqual([true, false, false, false]);
  });

  it.each([
    ['is on another network', {}, 'bitcoin', 'WALLET_NETWORK_MISMATCH'],
    ['belongs to somebody else', { wallet_id: 'somebody' }, 'signet', 'WALLET_NOT_CONFIGURED'],
  ] as const)('pays nothing where the network was named and the wallet %s', async (_what, more, network, code) => {
    isFresh();
    server.routes.post = () => json(201, asking(more));
    const named = await connect({ network });
    const bill = { invoice: invoiceOf({ network }), paymentHashHex: HASH, amountMsat: 21_000 };
    for (const _time of [1, 2]) {
      const paying = named.pay({ ...bill, feeLimitMsat: 2000, timeoutMs: 20_000 });
      await expect(paying).rejects.toMatchObject({ code, fundsMoved: 'no' });
    }
    expect(server.asked('post').every(({ body }) => body.includes('"out":false'))).toBe(true);
  });

  it('is refused to a wallet that somebody else shares, whose payments could not be looked up', async () => {
    server.routes.list = () => json(200, [rowOf({ wallet_id: 'somebody' })]);
    await expect(connect()).rejects.toMatchObject({ code: 'WALLET_NOT_CONFIGURED' });
  });

  it.each([
    [200, '{}'],
    [200, '{"id":7,"name":null}'],
    [200, '<html></html>'],
    [200, '{"detail":"x"}'],
    [302, ''],
    [302, '{"detail":"x"}'],
    [503, 'no'],
    [503, `{"id":"${WALLET_ID}","name":"w","balance":1}`],
  ])('is refused to what is no LNbits: HTTP %i %s', async (status, body) => {
    server.routes.wallet = () => unary(status, body);
    await expect(connect()).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID', fundsMoved: 'no' });
  });
});
