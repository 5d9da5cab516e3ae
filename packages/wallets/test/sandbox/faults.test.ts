import { createEgress, type Egress } from '@satway/egress';
import type { InvoicePayer } from '@satway/wallets';
import { connectLndPayer } from '@satway/wallets/lnd';
import {
  createSandboxNetwork,
  type PaymentFault,
  type SandboxLndServer,
  type SandboxNetwork,
  startSandboxLndServer,
} from '@satway/wallets/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let network: SandboxNetwork;
let server: SandboxLndServer;
let egress: Egress;
let payers: Readonly<Record<'in process' | 'over LND’s REST interface', InvoicePayer>>;

beforeAll(async () => {
  network = createSandboxNetwork();
  network.addNode('buyer', { balanceMsat: 100_000_000 });
  network.addNode('seller');
  server = await startSandboxLndServer(network);
  egress = createEgress();
  payers = {
    'in process': network.node('buyer').payer,
    'over LND’s REST interface': await connectLndPayer({
      url: server.url,
      macaroonHex: server.macaroonHex('buyer', 'pay'),
      egress,
    }),
  };
});
afterAll(async () => {
  await egress.close();
  await server.close();
  network.close();
});

const bill = () => network.node('seller').issuer.create({ amountMsat: 5000, description: 'x', expirySeconds: 600 });

describe.each(['in process', 'over LND’s REST interface'] as const)('a payment %s', (way) => {
  const payWith = async (fault: PaymentFault, timeoutMs = 20_000) => {
    const issued = await bill();
    network.addFault('buyer', fault);
    const outcome = await payers[way].pay({ ...issued, feeLimitMsat: 0, timeoutMs });
    return { outcome, hashHex: issued.paymentHashHex, found: await payers[way].lookUp(issued.paymentHashHex) };
  };

  it('that is slow settles within its time', async () => {
    expect((await payWith({ kind: 'slow', delayMs: 20 })).outcome).toMatchObject({
      state: 'settled',
      amountMsat: 5000,
    });
  });

  it('that fails late gives the money back', async () => {
    const before = await payers[way].balance();
    const { outcome, found } = await payWith({ kind: 'failedLate', delayMs: 20 });
    expect(outcome).toMatchObject({ state: 'failed', reason: 'incorrect_payment_details' });
    expect(found).toMatchObject({ state: 'failed' });
    expect(await payers[way].balance()).toEqual(before);
  });

  it.each(['replyLost', 'connectionCut', 'wrongPreimage', 'shuttingDown'] as const)(
    'with the fault %s is unknown, was settled, and is found with its true preimage',
    async (kind) => {
      const { outcome, found } = await payWith({ kind });
      expect(outcome.state).toBe('unknown');
      expect(found).toMatchObject({ state: 'settled', amountMsat: 5000, feeMsat: 0 });
    },
  );

  it('whose reply comes twice is settled once', async () => {
    const before = (await payers[way].balance()).spendableMsat;
    expect((await payWith({ kind: 'replyTwice' })).outcome.state).toBe('settled');
    expect((await payers[way].balance()).spendableMsat).toBe(before - 5000);
  });

  it.each(['stuckThenSettled', 'held'] as const)('that is %s stays in flight until it is resolved', async (kind) => {
    const { outcome, hashHex, found } = await payWith({ kind }, 80);
    expect(outcome).toMatchObject({ state: 'unknown', seenInFlight: true });
    expect(found).toEqual({ state: 'inFlight' });
    const invoice = await network.node('seller').issuer.lookUp(hashHex);
    expect(invoice.state).toBe(kind === 'held' ? 'held' : 'open');
    expect(network.resolve(hashHex, 'settled')).toBe(true);
    expect(await payers[way].lookUp(hashHex)).toMatchObject({ state: 'settled' });
    expect(network.resolve(hashHex, 'failed')).toBe(false);
  });
});

describe('a preimage', () => {
  it('is in no book before its invoice is paid', async () => {
    const issued = await bill();
    network.addFault('buyer', { kind: 'stuckThenSettled' });
    network.lightning.send('buyer', { invoice: issued.invoice, amountMsat: null, feeLimitMsat: 0 });
    const booked = () =>
      network.books().nodes[0]?.payments.find(({ paymentHashHex }) => paymentHashHex === issued.paymentHashHex);
    expect(booked()).toMatchObject({ state: 'IN_FLIGHT', preimageHex: null });
    network.resolve(issued.paymentHashHex, 'settled');
    expect(booked()).toMatchObject({
      state: 'SUCCEEDED',
      preimageHex: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
  });
});
