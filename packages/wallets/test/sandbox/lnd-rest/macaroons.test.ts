import { createEgress, type Egress } from '@satway/egress';
import { attenuate, decodeMacaroon, encodeMacaroon } from '@satway/protocol';
import { connectLndPayer, createLndIssuer, excessLndPowers } from '@satway/wallets/lnd';
import {
  createSandboxNetwork,
  type MacaroonKind,
  type SandboxLndServer,
  type SandboxNetwork,
  startSandboxLndServer,
} from '@satway/wallets/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let network: SandboxNetwork;
let server: SandboxLndServer;
let egress: Egress;
beforeAll(async () => {
  network = createSandboxNetwork();
  network.addNode('buyer', { balanceMsat: 1_000_000 });
  network.addNode('seller', { balanceMsat: 1_000_000 });
  server = await startSandboxLndServer(network);
  egress = createEgress({ allowHosts: ['127.0.0.1'] });
});
afterAll(async () => {
  await egress.close();
  await server.close();
  network.close();
});

const ask = async (method: string, path: string, macaroonHex: string, body?: string) => {
  const response = await egress.exchange({
    method,
    url: server.url + path,
    headers: { 'Grpc-Metadata-Macaroon': macaroonHex },
    ...(body === undefined ? {} : { body }),
    deadlineMs: 10_000,
    maxBodyBytes: 100_000,
  });
  return { status: response.status, text: await response.text() };
};

/** Calls that move nothing: an allowed one is refused for its empty content, the others for want of permission. */
const calls = {
  addInvoice: ['POST', '/v1/invoices', '{"value":"-1"}'],
  lookUpInvoice: ['GET', `/v1/invoice/${'00'.repeat(32)}`, undefined],
  send: ['POST', '/v2/router/send', '{}'],
  transactions: ['POST', '/v1/channels/transactions', '{}'],
  track: ['GET', '/v2/router/track/AAAA', undefined],
  getinfo: ['GET', '/v1/getinfo', undefined],
  balance: ['GET', '/v1/balance/channels', undefined],
  payments: ['GET', '/v1/payments', undefined],
} as const;
const allowedBy: Readonly<Record<MacaroonKind, readonly (keyof typeof calls)[]>> = {
  admin: ['addInvoice', 'lookUpInvoice', 'send', 'transactions', 'track', 'getinfo', 'balance', 'payments'],
  invoice: ['addInvoice', 'lookUpInvoice'],
  pay: ['send', 'track', 'getinfo', 'balance'],
  read: ['track', 'getinfo', 'balance', 'payments'],
};

describe('a macaroon of the sandbox', () => {
  it.each(Object.keys(allowedBy) as MacaroonKind[])('of kind %s allows its own calls and no other', async (kind) => {
    const macaroonHex = server.macaroonHex('buyer', kind);
    const allowed: string[] = [];
    for (const [name, [method, path, body]] of Object.entries(calls)) {
      const { text } = await ask(method, path, macaroonHex, body);
      if (!text.includes('permission denied')) allowed.push(name);
    }
    expect(allowed).toEqual(allowedBy[kind]);
  });

  it('speaks for its own node', async () => {
    for (const name of ['buyer', 'seller']) {
      const { text } = await ask('GET', '/v1/getinfo', server.macaroonHex(name, 'admin'));
      expect(JSON.parse(text)).toMatchObject({ alias: name, identity_pubkey: network.node(name).pubkeyHex });
    }
  });

  it('with any byte changed is refused', async () => {
    const bytes = Buffer.from(server.macaroonHex('buyer', 'admin'), 'hex');
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes);
      changed[index] = (changed[index] ?? 0) ^ 1;
      const { status } = await ask('GET', '/v1/getinfo', changed.toString('hex'));
      expect(status, `byte ${index}`).toBe(index >= 3 && index < 6 ? 200 : 500);
    }
  });

  it('ends when its time limit says so, and with any caveat that is not known', async () => {
    const decoded = decodeMacaroon(Buffer.from(server.macaroonHex('buyer', 'admin'), 'hex'));
    const narrowed = (caveat: string) =>
      decoded.ok ? Buffer.from(encodeMacaroon(attenuate(decoded.value, [caveat]))).toString('hex') : '';
    const status = async (caveat: string) => (await ask('GET', '/v1/getinfo', narrowed(caveat))).status;
    expect(await status('time-before 2999-01-01T00:00:00Z')).toBe(200);
    expect(await status('time-before 2001-01-01T00:00:00Z')).toBe(500);
    expect(await status('max_send_amount 5')).toBe(500);
  });

  it('that is too small is named by the adapter, funds moved: no', async () => {
    const denied = { code: 'WALLET_PERMISSION_DENIED', fundsMoved: 'no' };
    const options = { url: server.url, egress };
    const invoiceOnly = server.macaroonHex('seller', 'invoice');
    await expect(connectLndPayer({ ...options, macaroonHex: invoiceOnly })).rejects.toMatchObject(denied);
    const payOnly = createLndIssuer({ ...options, macaroonHex: server.macaroonHex('seller', 'pay') });
    const request = { amountMsat: 1000, description: 'x', expirySeconds: 60 };
    await expect(payOnly.create(request)).rejects.toMatchObject(denied);
    await expect(payOnly.lookUp('00'.repeat(32))).rejects.toMatchObject(denied);
  });

  it('that cannot pay fails a first payment, and leaves a repeated one unknown', async () => {
    const reading = await connectLndPayer({
      url: server.url,
      egress,
      macaroonHex: server.macaroonHex('buyer', 'read'),
    });
    const issued = await network
      .node('seller')
      .issuer.create({ amountMsat: 1000, description: 'x', expirySeconds: 60 });
    const request = { ...issued, feeLimitMsat: 0, timeoutMs: 10_000 };
    expect(await reading.pay(request)).toMatchObject({ state: 'failed', reason: 'rejected_before_sending' });
    expect(await reading.pay({ ...request, mayHaveBeenSentBefore: true })).toMatchObject({ state: 'unknown' });
  });
});

describe('the powers of a macaroon, read offline', () => {
  const powers = (kind: MacaroonKind, use: 'issue' | 'pay') =>
    excessLndPowers({ macaroonHex: server.macaroonHex('seller', kind) }, use);

  it('are no more than needed where it was baked for its use', () => {
    expect(powers('invoice', 'issue')).toEqual([]);
    expect(powers('pay', 'pay')).toEqual([]);
  });

  it('are named where it can do more', () => {
    expect(powers('admin', 'issue')).toEqual(
      expect.arrayContaining(['offchain:write', 'onchain:write', 'macaroon:generate']),
    );
    expect(powers('pay', 'issue')).toContain('uri:/routerrpc.Router/SendPaymentV2');
    expect(powers('admin', 'pay')).toEqual(expect.arrayContaining(['onchain:write', 'invoices:write']));
  });

  it('cannot be read from what is no macaroon of LND’s', () => {
    expect(excessLndPowers({ macaroonHex: '00ff' }, 'issue')).toBeNull();
  });
});
