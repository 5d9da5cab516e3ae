import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPurchaseStore } from '@satway/client';
import {
  createSandboxNetwork,
  type PaymentFault,
  type SandboxLndServer,
  type SandboxNetwork,
  startSandboxLndServer,
} from '@satway/wallets/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Ended, jsonLines, runSatway } from '../run-satway.js';

let network: SandboxNetwork;
let lnd: SandboxLndServer;
let home = '';
let buyer: ReturnType<SandboxNetwork['addNode']>;
let seller: ReturnType<SandboxNetwork['addNode']>;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'satway-home-'));
  network = createSandboxNetwork();
  buyer = network.addNode('buyer', { balanceMsat: 1_000_000 });
  seller = network.addNode('seller');
  lnd = await startSandboxLndServer(network, { port: 0, tls: false });
});
afterEach(async () => {
  await lnd.close();
  network.close();
  rmSync(home, { recursive: true, force: true });
});

const environment = (): Record<string, string> => ({
  SATWAY_HOME: home,
  LND_REST_HOST: lnd.url,
  LND_MACAROON: lnd.macaroonHex('buyer', 'pay'),
});
const storePath = () => join(home, 'purchases.db');

/** Leaves a purchase as a process would that was killed while its payment was under way. */
function leaveSending(purchase: {
  paymentHashHex: string;
  invoice: string;
  walletId: string;
  sendings?: number;
  invoiceExpiresAtMs?: number;
}): void {
  const store = openPurchaseStore({ path: storePath() });
  store.budgets.registerCap('default', 100_000);
  const quoted = store.journal.quote({
    walletId: purchase.walletId,
    budgetId: 'default',
    idempotencyKey: purchase.paymentHashHex,
    keyGiven: false,
    method: 'GET',
    url: 'https://api.example/v1/item?token=hush-hush-hush',
    bodySha256Hex: '00'.repeat(32),
    origin: 'https://api.example',
    targetMethod: 'GET',
    targetUrl: 'https://api.example/v1/item',
    scope: 'item',
    paymentHashHex: purchase.paymentHashHex,
    invoice: purchase.invoice,
    amountMsat: 5000,
    invoiceExpiresAtMs: purchase.invoiceExpiresAtMs ?? Date.now() + 3_600_000,
    macaroonText: 'a-macaroon',
    usesTotal: 1,
    credentialExpiresAtMs: null,
  });
  if (!quoted.ok) throw new Error(quoted.code);
  store.journal.reserve(quoted.value, { feeCeilingMsat: 1000, maxTotalMsat: 100_000 });
  for (let sent = 0; sent < (purchase.sendings ?? 1); sent += 1) store.journal.startSending(quoted.value);
  store.close();
}

/** The buyer's wallet pays, and what it pays for is left behind in the store. */
async function leavePaid(
  fault: PaymentFault | null,
  more: { sendings?: number; invoiceExpiresAtMs?: number } = {},
): Promise<string> {
  const { invoice, paymentHashHex } = await seller.issuer.create({
    amountMsat: 5000,
    description: 'item',
    expirySeconds: 3600,
  });
  if (fault !== null) network.addFault('buyer', fault);
  const paying = buyer.payer.pay({ invoice, paymentHashHex, amountMsat: 5000, feeLimitMsat: 1000, timeoutMs: 60_000 });
  if (fault?.kind !== 'held') await paying;
  leaveSending({ paymentHashHex, invoice, walletId: buyer.pubkeyHex, ...more });
  return paymentHashHex;
}

async function resolve(args: readonly string[] = [], more: Record<string, string> = {}): Promise<Ended> {
  return runSatway(['wallet', 'resolve', '--json', ...args], { ...environment(), ...more });
}

function purchases({ stdout }: Ended): Record<string, unknown>[] {
  const [line, ...rest] = jsonLines(stdout);
  expect(rest).toEqual([]);
  expect(Object.keys(line ?? {})).toEqual(['purchases', 'directPayments']);
  return line?.['purchases'] as Record<string, unknown>[];
}

function budget() {
  const store = openPurchaseStore({ path: storePath() });
  const { reservedMsat, spentMsat } = store.budgets.state('default');
  store.close();
  return { reservedMsat, spentMsat };
}

const codeOf = ({ stderr }: Ended) => jsonLines(stderr)[0]?.['code'];

describe('satway wallet resolve', { timeout: 120_000 }, () => {
  it('has nothing to list without a store, and makes none', async () => {
    const ended = await resolve();
    expect(ended.code).toBe(0);
    expect(purchases(ended)).toEqual([]);
    expect((await resolve(['--store', join(home, 'none.db')])).code).toBe(0);
  });

  it('writes down what the wallet proves, and leaves nothing to decide', async () => {
    const hash = await leavePaid(null);
    const ended = await resolve([hash.slice(0, 8), '--as', 'failed', '--yes', hash]);
    expect(ended.code).toBe(0);
    expect(purchases(ended)).toMatchObject([
      { paymentHash: hash, state: 'settled', walletSays: 'settled', decision: null },
    ]);
    expect(budget()).toEqual({ reservedMsat: 0, spentMsat: 5000 });
    expect(ended.stdout).not.toContain('hush');
  });

  it('lets nobody end a payment for which a channel still holds money', async () => {
    const hash = await leavePaid({ kind: 'held' });
    expect(purchases(await resolve())).toMatchObject([
      { state: 'unknown', walletSays: 'inFlight', diagnosis: 'canStillEnd' },
    ]);
    for (const end of ['failed', 'settled-as-spent']) {
      const ended = await resolve([hash, '--as', end, '--yes', hash]);
      expect({ code: ended.code, error: codeOf(ended) }).toEqual({ code: 5, error: 'PURCHASE_NOT_DECIDABLE' });
    }
    expect(budget()).toEqual({ reservedMsat: 6000, spentMsat: 0 });
    network.resolve(hash, 'settled');
  });

  it('books one that the wallet does not know as spent, when the whole hash confirms it, and keeps who did it', async () => {
    const paymentHashHex = 'ab'.repeat(32);
    leaveSending({ paymentHashHex, invoice: 'lnbcrt1', walletId: buyer.pubkeyHex });
    const asSpent = (...more: string[]) => resolve([paymentHashHex, '--as', 'settled-as-spent', ...more]);
    const asFailed = await resolve([paymentHashHex, '--as', 'failed', '--yes', paymentHashHex]);
    expect(codeOf(asFailed)).toBe('PURCHASE_NOT_DECIDABLE');
    for (const unconfirmed of [
      await asSpent(),
      await asSpent('--yes', 'cd'.repeat(32)),
      await asSpent('--yes', 'abababab'),
    ])
      expect({ code: unconfirmed.code, error: codeOf(unconfirmed) }).toEqual({ code: 2, error: 'CLI_USAGE' });
    expect(budget()).toEqual({ reservedMsat: 6000, spentMsat: 0 });
    const ended = await asSpent('--yes', paymentHashHex);
    expect(ended.code).toBe(0);
    expect(purchases(ended)).toMatchObject([
      { state: 'failed', decision: expect.stringMatching(/^settled-as-spent by .+@.+ at 20\d\d-.+: .*no record/) },
    ]);
    expect(budget()).toEqual({ reservedMsat: 0, spentMsat: 6000 });
    expect(purchases(await resolve())).toEqual([]);
  });

  it('tells people the end in words, and what the wallet said', async () => {
    const paymentHashHex = 'ab'.repeat(32);
    leaveSending({ paymentHashHex, invoice: 'lnbcrt1', walletId: buyer.pubkeyHex });
    const args = ['wallet', 'resolve', 'abababab', '--as', 'settled-as-spent', '--yes', paymentHashHex];
    const { stdout } = await runSatway(args, environment());
    expect(stdout).toMatch(
      /^(ab){32} {2}booked as spent\n {2}https:\/\/api\.example\/v1\/item, 5 sats and at most 1 sat in fees/,
    );
    expect(stdout).toContain('The wallet says: notFound.');
    expect((await runSatway(['wallet', 'resolve'], environment())).stdout).toBe(
      'Every payment has an end that is known.\n',
    );
  });

  it.each([
    ['was sent twice', 2],
    ['may be that of another program', 1],
  ])(
    'does not let a person give back what the wallet calls failed while another request may be paid: it %s',
    async (_why, sendings) => {
      const hash = await leavePaid({ kind: 'failedLate', delayMs: 0 }, { sendings });
      expect(purchases(await resolve())).toMatchObject([{ state: 'unknown', walletSays: 'failed' }]);
      const ended = await resolve([hash, '--as', 'failed', '--yes', hash]);
      expect({ code: ended.code, error: codeOf(ended) }).toEqual({ code: 5, error: 'PURCHASE_NOT_DECIDABLE' });
      expect(ended.stderr).toContain('expired by the wallet');
      expect(budget()).toEqual({ reservedMsat: 6000, spentMsat: 0 });
      expect((await resolve([hash, '--as', 'settled-as-spent', '--yes', hash])).code).toBe(0);
      expect(budget()).toEqual({ reservedMsat: 0, spentMsat: 6000 });
    },
  );

  it('gives it back by itself once the invoice has expired by the wallet’s clock, and nobody has to decide', async () => {
    const expired = { sendings: 2, invoiceExpiresAtMs: Date.now() - 62_000 };
    await leavePaid({ kind: 'failedLate', delayMs: 0 }, expired);
    expect(purchases(await resolve())).toMatchObject([{ state: 'failed', walletSays: 'failed', decision: null }]);
    expect(budget()).toEqual({ reservedMsat: 0, spentMsat: 0 });
  });

  it('tells of another wallet’s payment, and lets this one decide nothing of it', async () => {
    const paymentHashHex = 'ab'.repeat(32);
    leaveSending({ paymentHashHex, invoice: 'lnbcrt1', walletId: 'somebody-else' });
    expect(purchases(await resolve())).toMatchObject([
      { walletSays: null, detail: expect.stringContaining('Another wallet') },
    ]);
    const ended = await resolve([paymentHashHex, '--as', 'settled-as-spent', '--yes', paymentHashHex]);
    expect(codeOf(ended)).toBe('PURCHASE_NOT_DECIDABLE');
    expect(budget()).toEqual({ reservedMsat: 6000, spentMsat: 0 });
  });

  it('is called wrongly with --as and no payment, with a payment that is not there, and with another end', async () => {
    await leavePaid({ kind: 'failedLate', delayMs: 0 }, { sendings: 2 });
    for (const args of [['--as', 'failed'], ['cd'.repeat(32)], ['cd'.repeat(32), '--as', 'paid']])
      expect((await resolve(args)).code).toBe(2);
  });
});

describe('satway wallet resolve, of a payment that LND left in flight for ever', { timeout: 120_000 }, () => {
  const preimage = Buffer.alloc(32, 7);
  const hash = createHash('sha256').update(preimage).digest('hex');
  const pubkey = `02${'ab'.repeat(32)}`;
  let stuckNode: Server;
  let channelHolds: string[] = [];

  beforeEach(async () => {
    channelHolds = [];
    stuckNode = createServer((request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(answer(request.url ?? ''));
    });
    stuckNode.listen(0, '127.0.0.1');
    await once(stuckNode, 'listening');
  });
  afterEach(() => stuckNode.close());

  /** As a node answers that was killed at the wrong moment: in flight by its record, and nothing pending in its channels. */
  function answer(url: string): string {
    if (url === '/v1/getinfo')
      return JSON.stringify({ identity_pubkey: pubkey, block_height: 600, chains: [{ network: 'regtest' }] });
    if (url.startsWith('/v1/channels')) {
      const pending_htlcs = channelHolds.map((hash_lock) => ({ hash_lock }));
      return JSON.stringify({ channels: [{ chan_id: '77', pending_htlcs }] });
    }
    const route = { total_time_lock: 540, hops: [{ chan_id: '77' }] };
    const htlcs = [{ attempt_id: '1', status: 'IN_FLIGHT', route }];
    return `${JSON.stringify({ result: { payment_hash: hash, payment_preimage: '00'.repeat(32), value_msat: '5000', fee_msat: '0', status: 'IN_FLIGHT', failure_reason: 'FAILURE_REASON_NONE', htlcs } })}\n`;
  }

  const there = (): Record<string, string> => ({
    LND_REST_HOST: `http://127.0.0.1:${(stuckNode.address() as AddressInfo).port}`,
    LND_MACAROON: '0201036c6e6402030301020000062000',
  });

  it('is found stuck, by the doctor too, and released as failed by a person', async () => {
    leaveSending({ paymentHashHex: hash, invoice: 'lnbcrt1', walletId: pubkey });
    expect(purchases(await resolve([], there()))).toMatchObject([{ state: 'unknown', diagnosis: 'stuck' }]);
    const doctor = await runSatway(['doctor', '--json'], { SATWAY_HOME: home, ...there() });
    const checks = jsonLines(doctor.stdout)[0]?.['checks'] as {
      id: string;
      verdict: string;
      detail: string;
      fix: string;
    }[];
    expect(checks.find(({ id }) => id === 'unresolved-payments')).toMatchObject({
      verdict: 'warn',
      detail: expect.stringContaining(`${hash.slice(0, 8)}… (5000 msat, less than an hour, stuck)`),
      fix: expect.stringContaining('satway wallet resolve'),
    });
    const ended = await resolve([hash, '--as', 'failed', '--yes', hash], there());
    expect(purchases(ended)).toMatchObject([
      { state: 'failed', decision: expect.stringContaining('no channel holds money') },
    ]);
    expect(budget()).toEqual({ reservedMsat: 0, spentMsat: 0 });
  });

  it('is not released while a channel holds money for it', async () => {
    channelHolds = [Buffer.from(hash, 'hex').toString('base64')];
    leaveSending({ paymentHashHex: hash, invoice: 'lnbcrt1', walletId: pubkey });
    const ended = await resolve([hash, '--as', 'failed', '--yes', hash], there());
    expect({ code: ended.code, error: codeOf(ended) }).toEqual({ code: 5, error: 'PURCHASE_NOT_DECIDABLE' });
    expect(budget()).toEqual({ reservedMsat: 6000, spentMsat: 0 });
  });
});

describe('satway wallet resolve, with a macaroon that may look up no payment', { timeout: 120_000 }, () => {
  const hash = createHash('sha256').update(Buffer.alloc(32, 8)).digest('hex');
  const pubkey = `02${'ab'.repeat(32)}`;
  let node: Server;
  let refusal = 'permission denied';

  beforeEach(async () => {
    refusal = 'permission denied';
    node = createServer((request, response) => {
      response.setHeader('content-type', 'application/json');
      if (request.url === '/v1/getinfo') {
        response.end(JSON.stringify({ identity_pubkey: pubkey, block_height: 600, chains: [{ network: 'regtest' }] }));
        return;
      }
      const error = { code: 2, message: refusal, details: [] };
      response.writeHead(500).end(JSON.stringify(request.url?.startsWith('/v2/router/track') ? { error } : error));
    });
    node.listen(0, '127.0.0.1');
    await once(node, 'listening');
    leaveSending({ paymentHashHex: hash, invoice: 'lnbcrt1', walletId: pubkey });
  });
  afterEach(() => node.close());

  const there = (): Record<string, string> => ({
    LND_REST_HOST: `http://127.0.0.1:${(node.address() as AddressInfo).port}`,
    LND_MACAROON: '0201036c6e6402030301020000062000',
  });

  it('books the payment as spent, and says which permission was missing', async () => {
    const ended = await resolve([hash, '--as', 'settled-as-spent', '--yes', hash], there());
    expect(purchases(ended)).toMatchObject([
      { state: 'failed', walletSays: null, decision: expect.stringContaining('TrackPaymentV2') },
    ]);
    expect(budget()).toEqual({ reservedMsat: 0, spentMsat: 6000 });
  });

  it('never releases it as failed', async () => {
    const ended = await resolve([hash, '--as', 'failed', '--yes', hash], there());
    expect({ code: ended.code, error: codeOf(ended) }).toEqual({ code: 5, error: 'PURCHASE_NOT_DECIDABLE' });
    expect(budget()).toEqual({ reservedMsat: 6000, spentMsat: 0 });
  });

  it('ends nothing where the node refuses for another reason', async () => {
    refusal = 'something else';
    const ended = await resolve([hash, '--as', 'settled-as-spent', '--yes', hash], there());
    expect({ code: ended.code, error: codeOf(ended) }).toEqual({ code: 5, error: 'PURCHASE_NOT_DECIDABLE' });
    expect(budget()).toEqual({ reservedMsat: 6000, spentMsat: 0 });
  });
});
