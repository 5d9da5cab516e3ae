import { createHash } from 'node:crypto';
import { createEgress, type Egress } from '@satway/egress';
import { connectLndPayer, diagnoseLndPayment } from '@satway/wallets/lnd';
import { createSandboxNetwork, startSandboxLndServer } from '@satway/wallets/sandbox';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RawServer, startRawServer, targetOf, unary, unaryError } from './raw-server.js';

const PREIMAGE = '11'.repeat(32);
const HASH = createHash('sha256').update(Buffer.from(PREIMAGE, 'hex')).digest('hex');
const HASH_BASE64 = Buffer.from(HASH, 'hex').toString('base64');
const OTHER_BASE64 = Buffer.alloc(32, 7).toString('base64');
const TIME_LOCK = 540;

let egress: Egress;
let server: RawServer;
/** What the node has: one payment in flight with one attempt through one open channel, as kill -9 leaves it. */
let node: { attempts: unknown[]; channels: unknown[]; status: string; preimage: string };
/** Runs after the channels were read. */
let meanwhile: () => void;

const attempt = (more: Readonly<Record<string, unknown>> = {}, channel = '77') => ({
  attempt_id: '1',
  status: 'IN_FLIGHT',
  route: { total_time_lock: TIME_LOCK, hops: [{ chan_id: channel }, { chan_id: '78' }] },
  ...more,
});
const channel = (id: string, ...hashes: string[]) => ({
  chan_id: id,
  pending_htlcs: hashes.map((hash_lock) => ({ incoming: false, hash_lock })),
});

beforeAll(() => {
  egress = createEgress();
});
afterAll(() => egress.close());
beforeEach(async () => {
  node = { attempts: [attempt()], channels: [channel('77')], status: 'IN_FLIGHT', preimage: '00'.repeat(32) };
  meanwhile = () => undefined;
  server = await startRawServer();
  server.info = { block_height: TIME_LOCK + 1 };
  server.script = (socket, request) => {
    if (targetOf(request) !== 'GET /v1/channels') return void socket.write(unary(200, paymentLine()));
    socket.write(unary(200, JSON.stringify({ channels: node.channels })));
    return meanwhile();
  };
});
afterEach(() => server.close());

function paymentLine(): string {
  const payment = {
    payment_hash: HASH,
    payment_preimage: node.preimage,
    value_msat: '21000',
    fee_msat: '7',
    status: node.status,
    failure_reason: node.status === 'FAILED' ? 'FAILURE_REASON_NO_ROUTE' : 'FAILURE_REASON_NONE',
    htlcs: node.attempts,
  };
  return `${JSON.stringify({ result: payment })}\n`;
}

const diagnose = (): ReturnType<typeof diagnoseLndPayment> =>
  diagnoseLndPayment({ url: server.url, macaroonHex: '0201036c6e6402030301020000062000', egress }, HASH);

describe('a payment that LND calls in flight', () => {
  it('is stuck when no channel holds money for it and the chain is past every time lock', async () => {
    expect(await diagnose()).toMatchObject({ verdict: 'stuck', detail: expect.stringContaining('541') });
    node.attempts = [attempt(), attempt({ attempt_id: '2', status: 'FAILED' })];
    node.channels = [channel('77', OTHER_BASE64), channel('99')];
    expect(await diagnose()).toMatchObject({ verdict: 'stuck' });
  });

  it.each<[string, () => void]>([
    ['a channel holds money for it', () => void (node.channels = [channel('77', OTHER_BASE64, HASH_BASE64)])],
    ['another channel does', () => void (node.channels = [channel('77'), channel('99', HASH_BASE64)])],
    ['the chain is at its time lock', () => void (server.info = { block_height: TIME_LOCK })],
    [
      'one of its time locks is ahead',
      () => void node.attempts.push(attempt({ route: { total_time_lock: 700, hops: [{ chan_id: '77' }] } })),
    ],
    ['it has no attempt yet', () => void (node.attempts = [])],
    ['its channel is closed, so that the chain decides', () => void (node.channels = [channel('99')])],
    ['an attempt cannot be read', () => void node.attempts.push({ attempt_id: '2' })],
    ['an attempt has no time lock', () => void node.attempts.push(attempt({ route: { hops: [{ chan_id: '77' }] } }))],
    ['a channel cannot be read', () => void (node.channels = [channel('77'), channel('99', '%%')])],
    [
      'a new attempt began meanwhile',
      () => void (meanwhile = () => void node.attempts.push(attempt({ attempt_id: '2' }))),
    ],
    [
      'it settled meanwhile',
      () => void (meanwhile = () => void Object.assign(node, { status: 'SUCCEEDED', preimage: PREIMAGE })),
    ],
  ])('is in flight while %s', async (_why, make) => {
    make();
    expect(await diagnose()).toMatchObject({ verdict: 'inFlight' });
  });

  it('cannot be judged where a permission is missing or the height is not told', async () => {
    const script = server.script;
    server.script = (socket, request) =>
      targetOf(request) === 'GET /v1/channels'
        ? void socket.write(unaryError('permission denied'))
        : script(socket, request);
    await expect(diagnose()).rejects.toMatchObject({
      code: 'WALLET_PERMISSION_DENIED',
      facts: { missingPermission: 'uri:/lnrpc.Lightning/ListChannels' },
    });
    server.script = script;
    server.info = {};
    await expect(diagnose()).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID' });
  });
});

describe('a payment that has ended, or never began', () => {
  it('is told as it is, with no secret', async () => {
    Object.assign(node, { status: 'SUCCEEDED', preimage: PREIMAGE });
    const paid = await diagnose();
    expect(paid).toMatchObject({ verdict: 'settled', detail: expect.stringContaining('21000') });
    expect(JSON.stringify(paid)).not.toContain(PREIMAGE);
    Object.assign(node, { status: 'FAILED', preimage: '00'.repeat(32) });
    expect(await diagnose()).toMatchObject({ verdict: 'failed', detail: expect.stringContaining('NO_ROUTE') });
    server.script = (socket) => void socket.write(unaryError("payment isn't initiated", 5));
    expect(await diagnose()).toMatchObject({ verdict: 'notFound' });
  });

  it('is no proof when its preimage belongs to something else', async () => {
    Object.assign(node, { status: 'SUCCEEDED', preimage: '22'.repeat(32) });
    await expect(diagnose()).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID' });
  });
});

describe('a payment of the sandbox', () => {
  it('is in flight while it is held, and settled afterwards', async () => {
    const network = createSandboxNetwork();
    network.addNode('buyer', { balanceMsat: 100_000 });
    network.addNode('seller');
    const sandbox = await startSandboxLndServer(network);
    const options = { url: sandbox.url, macaroonHex: sandbox.macaroonHex('buyer', 'pay'), egress };
    const payer = await connectLndPayer(options);
    const bill = await network.node('seller').issuer.create({ amountMsat: 1000, description: '', expirySeconds: 60 });
    network.addFault('buyer', { kind: 'held' });
    await payer.pay({ ...bill, feeLimitMsat: 0, timeoutMs: 2_000 });
    expect(await diagnoseLndPayment(options, bill.paymentHashHex)).toMatchObject({ verdict: 'inFlight' });
    network.lightning.resolve(bill.paymentHashHex, 'SUCCEEDED');
    expect(await diagnoseLndPayment(options, bill.paymentHashHex)).toMatchObject({ verdict: 'settled' });
    await sandbox.close();
    network.close();
  });
});
