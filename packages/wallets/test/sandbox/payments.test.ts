import { createHash } from 'node:crypto';
import { decodeInvoice } from '@satway/protocol';
import { createSandboxNetwork, type SandboxNetwork } from '@satway/wallets/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from './manual-clock.js';

let clock: ManualClock;
let network: SandboxNetwork;

beforeEach(() => {
  clock = createManualClock();
  network = createSandboxNetwork({ clock });
  network.addNode('buyer', { balanceMsat: 1_000_000 });
  network.addNode('seller');
});
afterEach(() => network.close());

const invoiceFor = (amountMsat: number, expirySeconds = 60) =>
  network.node('seller').issuer.create({ amountMsat, description: 'a thing', expirySeconds });
const pay = async (amountMsat: number, options: { feeLimitMsat?: number } = {}) => {
  const issued = await invoiceFor(amountMsat);
  return network.node('buyer').payer.pay({ ...issued, feeLimitMsat: 0, timeoutMs: 10_000, ...options });
};

describe('a payment in the sandbox network', () => {
  it('is for a genuine regtest invoice that the seller’s key signed', async () => {
    const issued = await invoiceFor(21_000);
    const decoded = decodeInvoice(issued.invoice);
    expect(decoded).toMatchObject({
      ok: true,
      value: {
        network: 'regtest',
        amountMsat: 21_000n,
        paymentHashHex: issued.paymentHashHex,
        payeeHex: network.node('seller').pubkeyHex,
        description: 'a thing',
        expiresAtMs: issued.expiresAtMs,
      },
    });
  });

  it('moves the money and gives the preimage', async () => {
    const issued = await invoiceFor(21_000);
    const outcome = await network.node('buyer').payer.pay({ ...issued, feeLimitMsat: 0, timeoutMs: 1000 });
    expect(outcome).toMatchObject({ state: 'settled', amountMsat: 21_000, feeMsat: 0 });
    const preimageHex = outcome.state === 'settled' ? outcome.preimageHex : '';
    expect(createHash('sha256').update(Buffer.from(preimageHex, 'hex')).digest('hex')).toBe(issued.paymentHashHex);
    expect(network.books().nodes.map(({ balanceMsat }) => balanceMsat)).toEqual([979_000, 21_000]);
  });

  it('takes the routing fee within the limit, and fails without moving money above it', async () => {
    network.setRoutingFee({ baseMsat: 1000, proportionalMillionths: 10_000 });
    expect(await pay(20_000, { feeLimitMsat: 1199 })).toMatchObject({ state: 'failed', reason: 'no_route' });
    expect(network.books().nodes[0]?.balanceMsat).toBe(1_000_000);
    expect(await pay(20_000, { feeLimitMsat: 1200 })).toMatchObject({ state: 'settled', feeMsat: 1200 });
    expect(network.books()).toMatchObject({ routingFeesMsat: 1200, fundedMsat: 1_000_000 });
  });
});
