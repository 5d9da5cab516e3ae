import { request as httpRequest } from 'node:http';
import { decodeInvoice } from '@satway/protocol';
import {
  createSandboxNetwork,
  type SandboxLndServer,
  type SandboxNetwork,
  startSandboxLndServer,
} from '@satway/wallets/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let network: SandboxNetwork;
let server: SandboxLndServer;
beforeAll(async () => {
  network = createSandboxNetwork();
  network.addNode('seller');
  server = await startSandboxLndServer(network);
});
afterAll(async () => {
  await server.close();
  network.close();
});

const add = (body: unknown) =>
  new Promise<{ status: number; json: Record<string, string> }>((resolve, reject) => {
    const headers = { 'Grpc-Metadata-Macaroon': server.macaroonHex('seller', 'invoice') };
    const sent = httpRequest(`${server.url}/v1/invoices`, { method: 'POST', headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, json: JSON.parse(text) as Record<string, string> }),
      );
    });
    sent.on('error', reject);
    sent.end(JSON.stringify(body));
  });
const decoded = async (body: unknown) => {
  const { json } = await add(body);
  const invoice = decodeInvoice(json['payment_request'] ?? '');
  return invoice.ok ? invoice.value : null;
};

describe('an invoice added over the sandbox’s REST interface', () => {
  it('takes numbers as numbers or as strings, in satoshis or millisatoshis', async () => {
    for (const body of [{ value: 21 }, { value: '21' }, { value_msat: 21_000 }, { value_msat: '21000' }]) {
      expect(await decoded(body)).toMatchObject({ amountMsat: 21_000n, expirySeconds: 86_400, description: '' });
    }
  });

  it('carries the hash of a description instead of the description, where it is given', async () => {
    const hash = Buffer.alloc(32, 7);
    const invoice = await decoded({ value: 1, memo: 'in the books only', description_hash: hash.toString('base64') });
    expect(invoice).toMatchObject({ description: null, descriptionHashHex: hash.toString('hex') });
  });

  it.each([
    [{ memo: 'x'.repeat(640) }, 'memo too large: 640 bytes (maxsize=639)'],
    [{ description_hash: 'AAAA' }, 'description hash is 3 bytes, must be 32'],
    [{ r_preimage: 'AAAA' }, 'invalid preimage length of 3, want 32'],
    [{ value_msat: '-1' }, 'amount cannot be negative'],
  ])('is refused in LND’s words: %#', async (body, message) => {
    expect(await add(body)).toEqual({ status: 500, json: { code: 2, message, details: [] } });
  });

  it.each([
    { value: 'a lot' },
    { value: 1.5 },
    { value: 1e300 },
    { expiry: -1 },
    { expiry: 1e12 },
    { value_msat: '2100000000000000001' },
  ])('is refused, with nothing written, for %j', async (body) => {
    const before = network.books().nodes[0]?.invoices.length;
    expect((await add(body)).status).toBeGreaterThanOrEqual(400);
    expect(network.books().nodes[0]?.invoices.length).toBe(before);
  });
});
