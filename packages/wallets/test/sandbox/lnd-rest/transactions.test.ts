import { createEgress, type Egress } from '@satway/egress';
import {
  createSandboxNetwork,
  type SandboxLndServer,
  type SandboxNetwork,
  startSandboxLndServer,
} from '@satway/wallets/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let network: SandboxNetwork;
let server: SandboxLndServer;
let egress: Egress;
beforeEach(async () => {
  network = createSandboxNetwork();
  network.addNode('buyer', { balanceMsat: 10_000_000 });
  network.addNode('seller');
  server = await startSandboxLndServer(network);
  egress = createEgress({ allowHosts: ['127.0.0.1'] });
});
afterEach(async () => {
  await egress.close();
  await server.close();
  network.close();
});

const bill = (amountMsat = 5000) =>
  network.node('seller').issuer.create({ amountMsat, description: 'x', expirySeconds: 600 });
const transact = async (body: unknown) => {
  const response = await egress.exchange({
    method: 'POST',
    url: `${server.url}/v1/channels/transactions`,
    headers: { 'Grpc-Metadata-Macaroon': server.macaroonHex('buyer', 'admin') },
    body: JSON.stringify(body),
    deadlineMs: 10_000,
    maxBodyBytes: 100_000,
  });
  return JSON.parse(await response.text()) as Record<string, unknown>;
};

describe('the older way to pay', () => {
  it('lets a small payment cost as much again in fees when no limit is given, as LND does, and no more than a limit', async () => {
    network.setRoutingFee({ baseMsat: 5000, proportionalMillionths: 0 });
    expect(await transact({ payment_request: (await bill()).invoice })).toMatchObject({ payment_error: '' });
    const limited = { payment_request: (await bill()).invoice, fee_limit: { fixed_msat: '4999' } };
    expect(await transact(limited)).toMatchObject({ payment_error: 'no_route', payment_route: null });
    const percent = { payment_request: (await bill()).invoice, fee_limit: { percent: 99 } };
    expect(await transact(percent)).toMatchObject({ payment_error: 'no_route' });
  });

  it('speaks of shutting down for a payment that then succeeds', async () => {
    network.addFault('buyer', { kind: 'shuttingDown' });
    const issued = await bill();
    expect(await transact({ payment_request: issued.invoice })).toMatchObject({
      payment_error: 'router shutting down',
    });
    expect(await network.node('seller').issuer.lookUp(issued.paymentHashHex)).toMatchObject({ state: 'settled' });
  });

  it.each(['replyLost', 'connectionCut'] as const)('breaks off with the fault %s, and has paid', async (kind) => {
    network.addFault('buyer', { kind });
    const issued = await bill();
    await expect(transact({ payment_request: issued.invoice })).rejects.toMatchObject({ code: 'EGRESS_BROKEN' });
    expect(await network.node('buyer').payer.lookUp(issued.paymentHashHex)).toMatchObject({ state: 'settled' });
  });
});
