import { createEgress, type Egress } from '@satway/egress';
import { connectLndPayer } from '@satway/wallets/lnd';
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
  network.addNode('buyer', { balanceMsat: 1_000_000 });
  network.addNode('seller');
  server = await startSandboxLndServer(network);
  egress = createEgress({ allowHosts: ['127.0.0.1'] });
});
afterEach(async () => {
  await egress.close();
  await server.close();
  network.close();
});

const ask = async (method: 'GET' | 'POST', action: string, body?: unknown, type = 'application/json') => {
  const response = await egress.exchange({
    method,
    url: `${server.url}/sandbox/v1/${action}`,
    headers: { 'Content-Type': type },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    deadlineMs: 10_000,
    maxBodyBytes: 1_000_000,
  });
  return { status: response.status, json: JSON.parse(await response.text()) as Record<string, unknown> };
};
const bill = () => network.node('seller').issuer.create({ amountMsat: 5000, description: 'x', expirySeconds: 600 });

describe('the control surface of the sandbox', () => {
  it('shows the books as they are', async () => {
    const issued = await bill();
    await network.node('buyer').payer.pay({ ...issued, feeLimitMsat: 0, timeoutMs: 1000 });
    const { status, json } = await ask('GET', 'books');
    expect(status).toBe(200);
    expect(json).toEqual(JSON.parse(JSON.stringify(network.books())));
    expect(json).toMatchObject({
      nodes: [{ balanceMsat: 995_000, payments: [{ state: 'SUCCEEDED' }] }, { balanceMsat: 5000 }],
    });
  });

  it('adds and funds a node', async () => {
    expect(await ask('POST', 'nodes', { name: 'third' })).toEqual({ status: 200, json: { name: 'third' } });
    expect((await ask('POST', 'fund', { node: 'third', amountMsat: 77 })).status).toBe(200);
    expect(network.books().nodes[2]).toMatchObject({ name: 'third', balanceMsat: 77 });
  });

  it('sets a fault for the next payment, and ends what it left in flight', async () => {
    const payer = await connectLndPayer({ url: server.url, egress, macaroonHex: server.macaroonHex('buyer', 'pay') });
    expect((await ask('POST', 'faults', { node: 'buyer', fault: { kind: 'held' } })).status).toBe(200);
    const issued = await bill();
    expect((await payer.pay({ ...issued, feeLimitMsat: 0, timeoutMs: 60 })).state).toBe('unknown');
    const { paymentHashHex } = issued;
    expect((await ask('POST', 'resolve', { paymentHashHex, as: 'settled' })).json).toEqual({ resolved: true });
    expect(await payer.lookUp(paymentHashHex)).toMatchObject({ state: 'settled' });
  });

  it('cancels an invoice, and sets what routing costs', async () => {
    const { paymentHashHex } = await bill();
    expect((await ask('POST', 'cancel', { node: 'seller', paymentHashHex })).json).toEqual({ cancelled: true });
    expect(await network.node('seller').issuer.lookUp(paymentHashHex)).toEqual({ state: 'closed' });
    await ask('POST', 'routing-fee', { baseMsat: 3, proportionalMillionths: 0 });
    const outcome = await network.node('buyer').payer.pay({ ...(await bill()), feeLimitMsat: 3, timeoutMs: 1000 });
    expect(outcome).toMatchObject({ state: 'settled', feeMsat: 3 });
  });

  it.each([
    ['POST', 'fund', { node: 'nobody', amountMsat: 1 }, 404, 'SANDBOX_NODE_UNKNOWN'],
    ['POST', 'fund', { node: 'buyer', amountMsat: -1 }, 400, 'SANDBOX_REQUEST_INVALID'],
    ['POST', 'fund', { node: 'buyer', amountMsat: '1' }, 400, 'SANDBOX_REQUEST_INVALID'],
    ['POST', 'faults', { node: 'buyer', fault: { kind: 'earthquake' } }, 400, 'SANDBOX_REQUEST_INVALID'],
    ['POST', 'faults', { node: 'buyer', fault: { kind: 'slow' } }, 400, 'SANDBOX_REQUEST_INVALID'],
    ['POST', 'resolve', { paymentHashHex: 'x', as: 'maybe' }, 400, 'SANDBOX_REQUEST_INVALID'],
    ['POST', 'nodes', null, 400, 'SANDBOX_REQUEST_INVALID'],
    ['GET', 'secrets', undefined, 400, 'SANDBOX_REQUEST_INVALID'],
  ] as const)('refuses %s %s %j with a code', async (method, action, body, status, code) => {
    expect(await ask(method, action, body)).toMatchObject({ status, json: { code, fundsMoved: 'no' } });
  });

  it('takes nothing that a web page could send without asking', async () => {
    const { status } = await ask('POST', 'fund', { node: 'buyer', amountMsat: 1 }, 'text/plain');
    expect(status).toBe(400);
    expect(network.books().fundedMsat).toBe(1_000_000);
  });
});
