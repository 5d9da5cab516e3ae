import { createEgress, type Egress } from '@satway/egress';
import type { PayingWallet, ReceivingWallet } from '@satway/wallets';
import { connectLndPayer, createLndIssuer } from '@satway/wallets/lnd';
import {
  createSandboxNetwork,
  type SandboxLndServer,
  type SandboxNetwork,
  startSandboxLndServer,
} from '@satway/wallets/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startRawServer, targetOf } from './raw-server.js';

const HOUR_MS = 3_600_000;
const LIMITS = { feeLimitMsat: 0, timeoutMs: 20_000 };

function runAfter(delayMs: number, run: () => void): () => void {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
}

describe.each([
  ['an hour ahead', HOUR_MS],
  ['an hour behind', -HOUR_MS],
])('an LND whose clock is %s', (_where, offMs) => {
  let jumpedMs: number;
  let network: SandboxNetwork;
  let server: SandboxLndServer;
  let egress: Egress;
  let issuer: ReceivingWallet;
  let payer: PayingWallet;
  beforeEach(async () => {
    jumpedMs = 0;
    const now = (): number => Date.now() + offMs + jumpedMs;
    network = createSandboxNetwork({ clock: { now, after: runAfter } });
    network.addNode('buyer', { balanceMsat: 1_000_000 });
    network.addNode('seller');
    server = await startSandboxLndServer(network);
    egress = createEgress();
    const common = { url: server.url, egress };
    issuer = createLndIssuer({ ...common, macaroonHex: server.macaroonHex('seller', 'invoice') });
    payer = await connectLndPayer({ ...common, macaroonHex: server.macaroonHex('buyer', 'pay') });
  });
  afterEach(async () => {
    await egress.close();
    await server.close();
    network.close();
  });
  const create = () => issuer.create({ amountMsat: 1_000, description: '', expirySeconds: 600 });

  it('issues and pays all the same, and the books agree', async () => {
    const bill = await create();
    expect(Math.abs(bill.createdAtMs - (Date.now() + offMs))).toBeLessThan(5_000);
    expect(await payer.pay({ ...bill, ...LIMITS })).toMatchObject({ state: 'settled', amountMsat: 1_000 });
    expect(await payer.lookUp(bill.paymentHashHex)).toMatchObject({ state: 'settled' });
    expect(await issuer.lookUp(bill.paymentHashHex)).toMatchObject({ state: 'settled', amountReceivedMsat: 1_000 });
    expect(await payer.balance()).toEqual({ spendableMsat: 999_000 });
  });

  it('tells its own time where it has no record, by which an invoice is judged', async () => {
    const bill = await create();
    const found = await payer.lookUp(bill.paymentHashHex);
    const walletNowMs = found.state === 'notFound' ? (found.walletNowMs ?? 0) : 0;
    expect(Math.abs(walletNowMs - (Date.now() + offMs))).toBeLessThan(5_000);
    expect(walletNowMs).toBeLessThan(bill.expiresAtMs);
  });

  it('refuses an invoice as expired by its own clock alone', async () => {
    const bill = await create();
    jumpedMs = 601_000;
    expect(await payer.pay({ ...bill, ...LIMITS })).toMatchObject({ state: 'failed', reason: 'expired' });
    expect(await issuer.lookUp(bill.paymentHashHex)).toEqual({ state: 'closed' });
  });

  it('is asked for open invoices for as long as they are open, so that no settlement is missed', async () => {
    const bill = await create();
    // Before the first news there is nothing to replay from: what was settled has to be looked up, in vain while the node is broken.
    const { port } = server;
    await server.close();
    const broken = await startRawServer(port);
    const looked = new Promise<void>((resolve) => {
      broken.script = (socket, request) => {
        if (!targetOf(request).startsWith('GET /v1/invoice/')) return;
        socket.destroy();
        resolve();
      };
    });
    let tell: (hash: string) => void = () => undefined;
    const heard = new Promise<string>((resolve) => {
      tell = resolve;
    });
    const stop = issuer.onSettled?.(({ paymentHashHex }) => tell(paymentHashHex));
    await looked;
    await broken.close();
    network.lightning.send('buyer', { invoice: bill.invoice, amountMsat: null, feeLimitMsat: 0 });
    server = await startSandboxLndServer(network, { port });
    expect(await heard).toBe(bill.paymentHashHex);
    stop?.();
  });
});
