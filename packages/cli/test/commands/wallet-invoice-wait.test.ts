import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeInvoice } from '@satway/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runSatway } from '../run-satway.js';
import { readTold } from '../wallet-sandbox.js';

const HASH = createHash('sha256').update(Buffer.alloc(32, 7)).digest('hex');

type Answer = (response: ServerResponse) => void;
const json =
  (status: number, body: unknown): Answer =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const page =
  (status: number): Answer =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'text/html' }).end('<html>Bad Gateway</html>');

let home = '';
let server: Server;
/** What is answered to the look-ups one after the other; the last one is repeated. */
let looks: Answer[] = [];
let invoice = '';

const row = (status: 'pending' | 'success' | 'failed'): Answer =>
  json(200, {
    paid: status === 'success',
    details: { status, amount: 5000, fee: 0, payment_hash: HASH, bolt11: invoice, wallet_id: 'w' },
  });
const pending: Answer = (response) => row('pending')(response);
const paid: Answer = (response) => row('success')(response);

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'satway-home-'));
  invoice = encodeInvoice(
    {
      network: 'regtest',
      amountMsat: 5000n,
      timestampSeconds: Math.floor(Date.now() / 1000),
      paymentHashHex: HASH,
      paymentSecretHex: randomBytes(32).toString('hex'),
      description: 'satway',
      expirySeconds: 3600,
    },
    randomBytes(32),
  );
  server = createServer((request, response) => {
    request.resume();
    if (request.method === 'POST') return json(201, { bolt11: invoice, payment_hash: HASH, wallet_id: 'w' })(response);
    const answer = looks.length > 1 ? looks.shift() : looks[0];
    answer?.(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(home, { recursive: true, force: true });
});

const environment = () => ({
  SATWAY_HOME: home,
  LND_REST_HOST: '',
  LNBITS_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  LNBITS_INVOICE_KEY: '0'.repeat(32),
});

const wait = async () => readTold(await runSatway(['wallet', 'invoice', '5', '--wait', '--json'], environment()));

describe('satway wallet invoice --wait, while the invoice can still be paid', { timeout: 120_000 }, () => {
  it.each([
    ['a page of a proxy, HTTP 502', page(502)],
    ['too many requests, HTTP 429', json(429, { error: 'Rate limit exceeded: 200 per 1 minute' })],
    ['a page where an answer should be, HTTP 200', page(200)],
    ['a call refused, HTTP 400', json(400, { detail: 'Something went wrong.' })],
  ])('goes on waiting after %s, and says so', async (_what, trouble) => {
    looks = [pending, trouble, trouble, pending, paid];
    const { code, events, stderr } = await wait();
    expect(code).toBe(0);
    expect(events).toMatchObject([{ event: 'invoice' }, { event: 'settled', amountReceivedMsat: 5000 }]);
    expect(stderr.match(/still waiting/g)).toHaveLength(1);
  });

  it('ends with 10, and not as unpaid, once the wallet takes the credential no more', async () => {
    looks = [pending, json(401, { detail: 'Invalid API key.' })];
    const { code, events, stderr } = await wait();
    expect(code).toBe(10);
    expect(events[1]).toMatchObject({ event: 'unknown', paymentHash: HASH, code: 'WALLET_PERMISSION_DENIED' });
    expect(stderr).toContain(`satway wallet look-up ${HASH} --incoming`);
  });

  it('ends with 10, and not as unpaid, where the wallet has booked nothing and its node may have been paid', async () => {
    looks = [pending, row('failed')];
    const { code, events } = await wait();
    expect([code, events[1]]).toEqual([10, { event: 'closed', paymentHash: HASH }]);
    const told = await runSatway(['wallet', 'look-up', HASH, '--incoming'], environment());
    expect(told.code).toBe(10);
    expect(told.stdout).toMatch(/^Not credited, /);
  });
});
