import { createHash } from 'node:crypto';
import { createEgress, type Egress } from '@satway/egress';
import type { PayingWallet, PayRequest } from '@satway/wallets';
import { connectLndPayer } from '@satway/wallets/lnd';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { macaroonOfMethods } from './macaroons.js';
import { type RawScript, type RawServer, startRawServer, targetOf, unary, unaryError } from './raw-server.js';

const PREIMAGE = Buffer.alloc(32, 0x11);
const HASH = createHash('sha256').update(PREIMAGE).digest();
const SEND = 'POST /v2/router/send';
const OLDER = 'POST /v1/channels/transactions';

let egress: Egress;
let server: RawServer;
let payer: PayingWallet;

beforeAll(() => {
  egress = createEgress();
});
afterAll(() => egress.close());
beforeEach(async () => {
  server = await startRawServer();
  payer = await connectLndPayer({ url: server.url, macaroonHex: '0201036c6e6402030301020000062000', egress });
});
afterEach(() => server.close());

const denied = unaryError('permission denied');
/** A node whose macaroon may not use the newer call. */
const olderOnly = (older: RawScript): void => {
  server.script = (socket, request) => {
    if (targetOf(request) === SEND) socket.write(denied);
    else older(socket, request);
  };
};
const answers = (more: Readonly<Record<string, unknown>>, status = 200): void => {
  const body = {
    payment_error: '',
    payment_preimage: '',
    payment_route: null,
    payment_hash: HASH.toString('base64'),
    ...more,
  };
  olderOnly((socket) => void socket.write(unary(status, JSON.stringify(body))));
};
const proof = { payment_preimage: PREIMAGE.toString('base64') };
const route = { payment_route: { total_amt_msat: '21007', total_fees_msat: '7', total_amt: '21', total_fees: '0' } };
const settled = { state: 'settled', preimageHex: PREIMAGE.toString('hex'), amountMsat: 21_000, feeMsat: 7 };
const pay = (more: Partial<PayRequest> = {}) =>
  payer.pay({
    invoice: 'lnbcrt210n1',
    paymentHashHex: HASH.toString('hex'),
    amountMsat: 21_000,
    feeLimitMsat: 10_000,
    timeoutMs: 20_000,
    ...more,
  });
const asked = () => server.requests.map(targetOf);

describe('the older way to pay', () => {
  it('is taken where the newer one is not allowed, with a fee limit always, of zero too', async () => {
    answers({ ...proof, ...route });
    expect(await pay()).toEqual(settled);
    expect(asked()).toEqual([SEND, OLDER]);
    expect(JSON.parse(server.requests[1]?.body ?? '')).toEqual({
      payment_request: 'lnbcrt210n1',
      fee_limit: { fixed_msat: '10000' },
    });
    await pay({ feeLimitMsat: 0 });
    expect(JSON.parse(server.requests[3]?.body ?? '')).toMatchObject({ fee_limit: { fixed_msat: '0' } });
  });

  it('is never taken for a hash that may have been sent before', async () => {
    answers({ ...proof, ...route });
    expect(await pay({ mayHaveBeenSentBefore: true })).toMatchObject({ state: 'unknown' });
    expect(asked()).toEqual([SEND]);
  });

  it.each([
    [
      'another refusal of the macaroon',
      unaryError('verification failed: signature mismatch after caveat verification'),
    ],
    ['a custom caveat', unaryError('caveat "lnd-custom max_send_amount 1000" not satisfied: no middleware')],
    ['an expired invoice', unaryError('invoice expired. Valid until 2026-11-21 14:07:44 +0000 UTC')],
    ['a node that shuts down', unaryError('routerrpc server shutting down')],
    ['a page of a proxy', unary(403, '<html>permission denied</html>', 'text/html')],
    ['a refusal with more to it', unaryError('permission denied: ask later')],
  ])('is not taken after %s', async (_what, answer) => {
    server.script = (socket) => void socket.write(answer);
    await pay();
    expect(asked()).toEqual([SEND]);
  });

  it('is not taken where a refusal stands beside another line, or the connection breaks instead', async () => {
    const line = '{"error":{"code":2,"message":"permission denied","details":[]}}\n';
    const underWay = `{"result":{"payment_hash":"${HASH.toString('hex')}","status":"IN_FLIGHT"}}\n`;
    for (const lines of [`${line}{"result":{}}\n`, underWay + line, line + underWay, line + line]) {
      server.script = (socket) => void socket.write(unary(500, lines));
      expect(await pay()).toMatchObject({ state: 'unknown' });
    }
    server.script = (socket) => void socket.destroy();
    expect(await pay()).toMatchObject({ state: 'unknown' });
    expect(asked()).toEqual([SEND, SEND, SEND, SEND, SEND]);
  });

  it.each([
    ['no_route', 'no_route'],
    ['insufficient_balance', 'insufficient_balance'],
    ['incorrect_payment_details', 'incorrect_payment_details'],
  ])('fails for %s', async (payment_error, reason) => {
    answers({ payment_error });
    expect(await pay()).toMatchObject({ state: 'failed', reason });
  });

  it.each([
    'router shutting down',
    'invoice is already paid',
    'payment is in transition',
    'payment already exists',
    'timeout',
    'error',
    'canceled',
    'unable to route payment',
    'constructor',
    '__proto__',
    'NO_ROUTE',
  ])('is unknown for %j, whose payment may settle', async (payment_error) => {
    answers({ payment_error });
    expect(await pay()).toMatchObject({ state: 'unknown' });
  });

  it.each([
    ['has the preimage of something else', { ...route, payment_preimage: Buffer.alloc(32, 9).toString('base64') }],
    ['has no preimage', route],
    ['has the preimage in hex', { ...route, payment_preimage: PREIMAGE.toString('hex') }],
    ['is about another hash', { ...route, ...proof, payment_hash: Buffer.alloc(32, 7).toString('base64') }],
    ['fails and shows the preimage', { payment_error: 'no_route', ...proof, ...route }],
    ['has no error field', { ...proof, ...route, payment_error: null }],
  ])('proves nothing by an answer that %s', async (_what, answer) => {
    answers(answer);
    const outcome = await pay();
    expect(outcome.state).toBe('unknown');
    expect(JSON.stringify(outcome)).not.toContain('11111111');
  });

  it.each([
    ['names no amounts', {}, 10_000],
    ['has a negative fee', { total_amt_msat: '20991', total_fees_msat: '-9' }, 10_000],
    ['has a fee that is none', { total_amt_msat: '21007', total_fees_msat: 'x' }, 10_000],
    ['has a fee above its total', { total_amt_msat: '7', total_fees_msat: '9' }, 9],
  ])('stays settled by an answer that %s', async (_what, payment_route, feeMsat) => {
    answers({ ...proof, payment_route });
    expect(await pay()).toEqual({ ...settled, feeMsat });
  });

  it.each([
    ['invoice expired. Valid until 2026-11-21 14:07:44 +0000 UTC', 'failed'],
    ["invoice not for current active network 'regtest'", 'failed'],
    ['amount must be specified when paying a zero amount invoice', 'failed'],
    ['permission denied', 'failed'],
    ['rpc error: something new', 'unknown'],
    ['the RPC server is in the process of starting up, but not yet ready to accept calls', 'unknown'],
  ])('reads the errors before sending as the newer one does: %s', async (message, state) => {
    olderOnly((socket) => void socket.write(unaryError(message)));
    expect(await pay()).toMatchObject({ state });
  });

  it('is unknown when its answer is HTML, cut, too long, or never comes', async () => {
    for (const status of [200, 429, 500, 502]) {
      olderOnly((socket) => void socket.write(unary(status, '<html>', 'text/html')));
      expect(await pay()).toMatchObject({ state: 'unknown' });
    }
    olderOnly((socket) => void socket.end(unary(200, '{}').slice(0, -1)));
    expect(await pay()).toMatchObject({ state: 'unknown' });
    olderOnly((socket) => void socket.write(unary(200, `{"x":"${'x'.repeat(2_000_000)}"}`)));
    expect(await pay()).toMatchObject({ state: 'unknown' });
    olderOnly(() => undefined);
    expect(await pay({ timeoutMs: 300 })).toMatchObject({ state: 'unknown' });
  });

  it('throws only where nothing of it was sent', async () => {
    let isDown = false;
    server.script = (socket) => {
      isDown = true;
      socket.end(denied, () => void server.close());
    };
    const outcome = await pay().catch((error: unknown) => error);
    expect(isDown).toBe(true);
    expect(outcome).toMatchObject({ code: 'WALLET_UNREACHABLE', fundsMoved: 'no' });
    server = await startRawServer();
  });
});

describe('the balance', () => {
  it.each(['-5', 'much', '', null, 0.5])('of %j is none', async (msat) => {
    server.script = (socket) => void socket.write(unary(200, JSON.stringify({ local_balance: { msat } })));
    await expect(payer.balance()).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID', fundsMoved: 'no' });
  });
});

describe('a payment that cannot be looked up', () => {
  const LIST = 'GET /v1/payments';
  it.each([
    [['/lnrpc.Lightning/SendPaymentSync', '/lnrpc.Lightning/GetInfo'], false],
    [['/lnrpc.Lightning/SendPaymentSync', '/lnrpc.Lightning/ListPayments'], true],
    [['/routerrpc.Router/SendPaymentV2', '/routerrpc.Router/TrackPaymentV2'], true],
  ])('is known before it is sent: a macaroon for %j lets it be looked up: %s', async (methods, canLookUp) => {
    const macaroonHex = macaroonOfMethods(...methods);
    expect(await connectLndPayer({ url: server.url, macaroonHex, egress })).toMatchObject({ canLookUp });
    expect(await connectLndPayer({ url: server.url, macaroonHex: '00ff', egress })).not.toHaveProperty('canLookUp');
  });

  it('stays unknown, and the error names the permission to add', async () => {
    server.script = (socket) => void socket.write(denied);
    await expect(payer.lookUp(HASH.toString('hex'))).rejects.toMatchObject({
      code: 'WALLET_PERMISSION_DENIED',
      detail: expect.stringMatching(/uri:\/routerrpc\.Router\/TrackPaymentV2 or uri:\/lnrpc\.Lightning\/ListPayments/),
      facts: { missingPermission: 'uri:/routerrpc.Router/TrackPaymentV2' },
    });
    expect(asked().some((target) => target.startsWith(OLDER) || target.startsWith(SEND))).toBe(false);
  });

  it('is looked for in the list only where it may not be asked for by its hash', async () => {
    server.script = (socket) => void socket.write(unaryError('verification failed: x'));
    await expect(payer.lookUp(HASH.toString('hex'))).rejects.toMatchObject({ code: 'WALLET_PERMISSION_DENIED' });
    expect(asked()).not.toContain(LIST);
  });
});
