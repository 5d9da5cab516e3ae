import { decodeInvoice, encodeInvoice } from '@satway/protocol';
import type { BitcoinNetwork } from '@satway/wallets';
import { createSandboxNetwork, type SandboxNetwork } from '@satway/wallets/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from './manual-clock.js';

let clock: ManualClock;
let network: SandboxNetwork;
beforeEach(() => {
  clock = createManualClock();
  network = createSandboxNetwork({ clock });
  network.addNode('buyer', { balanceMsat: 1_000_000 });
  network.addNode('seller', { balanceMsat: 1_000_000 });
});
afterEach(() => network.close());

const refusing = (code: string) => expect.objectContaining({ code, fundsMoved: 'no' }) as Error;

describe('the sandbox network', () => {
  it.each(['bitcoin', 'testnet', 'signet'] as const)('does not start on %s', (real) => {
    expect(() => createSandboxNetwork({ network: real })).toThrow(refusing('SANDBOX_NETWORK_REFUSED'));
  });

  it.each(['bitcoin', 'testnet', 'signet'] satisfies BitcoinNetwork[])(
    'does not pay an invoice of %s',
    async (real) => {
      const paymentHashHex = 'c7'.repeat(32);
      const invoice = encodeInvoice(
        {
          network: real,
          amountMsat: 1000n,
          timestampSeconds: Math.floor(clock.now() / 1000),
          paymentHashHex,
          paymentSecretHex: 'c8'.repeat(32),
          description: 'real money',
        },
        Buffer.alloc(32, 9),
      );
      const outcome = await network
        .node('buyer')
        .payer.pay({ invoice, paymentHashHex, amountMsat: 1000, feeLimitMsat: 0, timeoutMs: 1000 });
      expect(outcome).toMatchObject({ state: 'failed', reason: 'rejected_before_sending' });
      expect(network.books().nodes[0]?.payments).toEqual([]);
    },
  );

  it.each([
    ['with another secret', { amountMsat: 9000n, secret: 'another' }],
    ['with another amount', { amountMsat: 1n, secret: 'its own' }],
  ] as const)('does not credit an invoice that somebody forged for a hash of another, %s', async (_, forgery) => {
    const issued = await network
      .node('seller')
      .issuer.create({ amountMsat: 9000, description: 'x', expirySeconds: 60 });
    const decoded = decodeInvoice(issued.invoice);
    const ownSecretHex = decoded.ok ? decoded.value.paymentSecretHex : '';
    const forged = encodeInvoice(
      {
        network: 'regtest',
        amountMsat: forgery.amountMsat,
        timestampSeconds: Math.floor(clock.now() / 1000),
        paymentHashHex: issued.paymentHashHex,
        paymentSecretHex: forgery.secret === 'another' ? 'c8'.repeat(32) : ownSecretHex,
        description: 'forged',
      },
      Buffer.alloc(32, 9),
    );
    const outcome = await network.node('buyer').payer.pay({
      ...issued,
      amountMsat: Number(forgery.amountMsat),
      invoice: forged,
      feeLimitMsat: 0,
      timeoutMs: 1000,
    });
    expect(outcome).toMatchObject({ state: 'failed', reason: 'incorrect_payment_details' });
    expect(await network.node('seller').issuer.lookUp(issued.paymentHashHex)).toMatchObject({ state: 'open' });
  });

  it.each(['held', 'stuckThenSettled'] as const)(
    'lets nobody pay what another has paid or is paying (%s)',
    async (kind) => {
      network.addNode('third', { balanceMsat: 1_000_000 });
      const issued = await network
        .node('seller')
        .issuer.create({ amountMsat: 9000, description: 'x', expirySeconds: 60 });
      network.addFault('buyer', { kind });
      network.lightning.send('buyer', { invoice: issued.invoice, amountMsat: null, feeLimitMsat: 0 });
      const payAsThird = () => network.node('third').payer.pay({ ...issued, feeLimitMsat: 0, timeoutMs: 1000 });
      expect(await payAsThird()).toMatchObject({ state: 'failed', reason: 'incorrect_payment_details' });
      network.resolve(issued.paymentHashHex, 'settled');
      expect(await payAsThird()).toMatchObject({ state: 'failed', reason: 'incorrect_payment_details' });
      expect(network.books().nodes.map(({ balanceMsat }) => balanceMsat)).toEqual([991_000, 1_009_000, 1_000_000]);
    },
  );

  it('does not settle late what expired before it arrived, but what was held in time', async () => {
    const issuer = network.node('seller').issuer;
    const create = () => issuer.create({ amountMsat: 1000, description: 'x', expirySeconds: 1 });
    const [late, held] = [await create(), await create()];
    network.addFault('buyer', { kind: 'stuckThenSettled' });
    network.addFault('buyer', { kind: 'held' });
    for (const { invoice } of [late, held]) {
      network.lightning.send('buyer', { invoice, amountMsat: null, feeLimitMsat: 0 });
    }
    clock.advance(1500);
    network.resolve(late.paymentHashHex, 'settled');
    network.resolve(held.paymentHashHex, 'settled');
    const { payer } = network.node('buyer');
    expect(await payer.lookUp(late.paymentHashHex)).toMatchObject({ state: 'failed' });
    expect(await payer.lookUp(held.paymentHashHex)).toMatchObject({ state: 'settled' });
  });

  it('knows its nodes, and takes no amount that is none', () => {
    expect(() => network.node('nobody')).toThrow(refusing('SANDBOX_NODE_UNKNOWN'));
    expect(() => network.fund('nobody', 1)).toThrow(refusing('SANDBOX_NODE_UNKNOWN'));
    for (const amount of [-1, 1.5, Number.NaN, Number.MAX_SAFE_INTEGER]) {
      expect(() => network.fund('buyer', amount)).toThrow(refusing('SANDBOX_AMOUNT_INVALID'));
    }
  });
});
