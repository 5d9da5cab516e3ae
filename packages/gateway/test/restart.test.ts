import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createSandboxNetwork,
  type SandboxLndServer,
  type SandboxNetwork,
  startSandboxLndServer,
} from '@satway/wallets/sandbox';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createKeyFile } from '../src/index.js';
import { type GatewayProcess, spawnGateway } from './support/gateway-process.js';
import { type Answer, type CallInit, call, openCall } from './support/http-call.js';
import { type Answerer, type Origin, startOrigin } from './support/origin.js';
import { payFor } from './support/shop.js';

let folder: string;
let origin: Origin;
let answer: Answerer;
let network: SandboxNetwork;
let lnd: SandboxLndServer;
let gateway: GatewayProcess;
let sent = 0;

// One folder for all: a first start of the embedded database takes seconds, the next ones do not.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'satway-restart-'));
  origin = await startOrigin((request, response, body) => answer(request, response, body));
  network = createSandboxNetwork();
  network.addNode('seller');
  network.addNode('buyer', { balanceMsat: 1_000_000 });
  lnd = await startSandboxLndServer(network, { tls: true });
  await createKeyFile(join(folder, 'keys.json'));
  await writeFile(join(folder, 'tls.cert'), lnd.certificate?.certificatePem ?? '');
  await writeFile(join(folder, 'invoice.macaroon'), Buffer.from(lnd.macaroonHex('seller', 'invoice'), 'hex'));
  await writeFile(join(folder, 'satway.yaml'), configText());
  gateway = await spawnGateway(join(folder, 'satway.yaml'));
});
afterAll(async () => {
  await gateway.kill('SIGKILL');
  await lnd.close();
  network.close();
  await origin.close();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(() => {
  answer = (_request, response) => response.writeHead(200, { 'content-length': '9' }).end('the goods');
  sent = origin.seen.length;
});

/** Requests that this test's origin saw. */
const seen = (): number => origin.seen.length - sent;

function configText(): string {
  return `version: 1
tenant: {id: 6f1d3c52-8a3b-4c1e-9d2f-0a1b2c3d4e5f, slug: acme}
origin: ${origin.url}
listen: {port: 0}
keys: ./keys.json
store: {kind: pglite, folder: ./store}
wallet: {kind: lnd, url: "${lnd.url}", macaroonFile: ./invoice.macaroon, tlsCertFile: ./tls.cert}
endpoints:
  - {id: goods, method: GET, path: /goods, priceSats: 5, leaseMs: 2000}
`;
}

async function killAndStartAgain(): Promise<void> {
  await gateway.kill('SIGKILL');
  gateway = await spawnGateway(join(folder, 'satway.yaml'));
}

const get = (init?: CallInit): Promise<Answer> => call(`${gateway.url}/goods`, init);

/** Sends again for as long as the answer says that the credential is still in use, as a buyer does. */
async function getWhenFree(headers: Record<string, string>): Promise<Answer> {
  for (;;) {
    const got = await get({ headers });
    if (got.status !== 409) return got;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

describe('a gateway that is killed in mid-payment', () => {
  it('between the offer and the payment, honours what was paid to the offer', async () => {
    const challenge = await get();
    await killAndStartAgain();
    const authorization = await payFor(challenge, network.node('buyer'));
    expect(await get({ headers: { authorization } })).toMatchObject({ status: 200, body: 'the goods' });
    expect((await get({ headers: { authorization } })).status).toBe(402);
    await gateway.logged('a power cut can lose its last moments');
  });

  it('while the origin works, lets the buyer redeem again, and charges once', async () => {
    const authorization = await payFor(await get(), network.node('buyer'));
    let asked: () => void = () => undefined;
    const wasAsked = new Promise<void>((resolve) => (asked = resolve));
    const serve = answer;
    answer = () => asked();
    const lost = openCall(`${gateway.url}/goods`, { headers: { authorization } }).on('error', () => undefined);
    lost.end();
    await wasAsked;
    answer = serve;
    await killAndStartAgain();
    const got = await getWhenFree({ authorization });
    expect(got).toMatchObject({ status: 200, body: 'the goods' });
    expect(got.headers['x-payment-outcome']).toBe('charged');
    expect((await get({ headers: { authorization } })).status).toBe(402);
    expect(seen()).toBe(2);
  });

  it('after the charge, refuses the credential, and gives the lost answer to its Idempotency-Key', async () => {
    const authorization = await payFor(await get(), network.node('buyer'));
    const headers = { authorization, 'idempotency-key': 'k'.repeat(22) };
    expect((await get({ headers })).status).toBe(200);
    await killAndStartAgain();
    expect(await get({ headers })).toMatchObject({ status: 200, body: 'the goods' });
    expect((await get({ headers: { authorization } })).status).toBe(402);
    expect(seen()).toBe(1);
  });

  it('ends with 0 when it is asked to stop', async () => {
    expect(await gateway.kill('SIGTERM')).toBe(0);
    gateway = await spawnGateway(join(folder, 'satway.yaml'));
  });
});

describe('a wallet that cannot be reached', () => {
  it('blocks no start and no paid credential, is no 402 to anybody, and comes back by itself', async () => {
    const authorization = await payFor(await get(), network.node('buyer'));
    const { port, certificate } = lnd;
    await lnd.close();
    await killAndStartAgain();
    const unpaid = await get();
    expect(unpaid.status).toBe(503);
    expect(JSON.parse(unpaid.body)).toMatchObject({ code: 'invoice_unavailable', fundsMoved: 'no' });
    expect(unpaid.headers['www-authenticate']).toBeUndefined();
    await gateway.logged('WALLET_UNREACHABLE');
    expect((await get({ headers: { authorization } })).status).toBe(200);
    lnd = await startSandboxLndServer(network, { port, tls: certificate ?? true });
    expect((await get()).status).toBe(402);
  });
});
