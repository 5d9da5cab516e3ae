import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEgress } from '@satway/egress';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readGatewayDocument, readOpenApi } from '../../src/directory/api-details.js';
import { readEntries } from '../../src/directory/directory-entry.js';
import { readApiDetails, searchDirectories, sellerOf } from '../../src/directory/index.js';
import { readMcpSettings } from '../../src/settings/index.js';

const ACME = {
  slug: 'acme',
  name: 'Acme',
  description: 'Sun times',
  baseUrl: 'https://acme.example/v1/',
  priceSats: 5,
};
const { signal } = new AbortController();

/** A server that answers these paths with these documents, and remembers what was asked. */
async function serve(documents: Readonly<Record<string, unknown>>) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.url ?? '');
    const [path = ''] = (request.url ?? '').split('?');
    const found = Object.hasOwn(documents, path) ? documents[path] : undefined;
    if (found === undefined) return void response.writeHead(404).end();
    if (typeof found === 'number') return void response.writeHead(found, { location: 'http://127.0.0.1:1/' }).end();
    response.end(typeof found === 'string' ? found : JSON.stringify(found));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

function partsFor(environment: Record<string, string>) {
  const egress = createEgress({ allowHosts: ['127.0.0.1'] });
  onTestFinished(() => egress.close());
  return { egress, settings: readMcpSettings({ SATWAY_HOME: '/nowhere', ...environment }) };
}

const all = { query: null, tag: null, limit: 50 };

describe('a search', () => {
  it('asks each directory, and puts the sellers that the user named first', async () => {
    const one = await serve({ '/directory': { entries: [ACME, { slug: 'b', url: 'http://b.example' }] } });
    const two = await serve({ '/list': [{ ...ACME, name: 'Another Acme' }] });
    const parts = partsFor({
      SATWAY_DIRECTORY: `${one.url},${two.url}/list`,
      SATWAY_SELLERS: 'mine=https://mine.example',
    });
    const { entries, unreadable } = await searchDirectories(parts, all, signal);
    expect(entries).toMatchObject([
      { slug: 'mine', source: 'settings' },
      { slug: 'acme', name: 'Acme', baseUrl: 'https://acme.example/v1', priceMsat: 5000 },
      { slug: 'b', name: 'b', priceMsat: null },
    ]);
    expect(unreadable).toEqual([]);
    await searchDirectories(parts, { query: 'sun & moon', tag: 'sky', limit: 7 }, signal);
    expect(one.seen.at(-1)).toBe('/directory?search=sun+%26+moon&tag=sky&limit=7');
  });

  it.each([503, 'no json', '[[['])('goes on without a directory that answers %j, and says so', async (answer) => {
    const broken = await serve({ '/directory': answer });
    const good = await serve({ '/directory': { entries: [ACME] } });
    const parts = partsFor({ SATWAY_DIRECTORY: `${broken.url},${good.url},http://127.0.0.1:1` });
    const { entries, unreadable } = await searchDirectories(parts, all, signal);
    expect(entries).toHaveLength(1);
    expect(unreadable).toEqual([new URL(broken.url).host, '127.0.0.1:1']);
  });

  it('leaves out entries that name no place to call, or a strange slug', () => {
    const bad = [
      { ...ACME, slug: '__proto__' },
      { ...ACME, slug: 'evil.example/#' },
      { ...ACME, slug: 'UP' },
      { ...ACME, baseUrl: 'javascript:alert(1)' },
      { ...ACME, baseUrl: 'https://user:pass@acme.example' },
      { ...ACME, baseUrl: 'https://acme.example/?x#y' },
      { slug: 'nowhere' },
      null,
      'text',
    ];
    expect(readEntries(bad, 'd')).toEqual([]);
    expect(readEntries({ entries: [ACME] }, 'd')).toHaveLength(1);
  });

  it('is read to its end, however many slashes it consists of', () => {
    const slashes = `https://acme.example/${'/'.repeat(8000)}a`;
    const entries = Array.from({ length: 500 }, (_, index) => ({ ...ACME, slug: `a${index}`, baseUrl: slashes }));
    expect(readEntries(entries, 'd')).toHaveLength(500);
    expect(readEntries([{ ...ACME, baseUrl: `https://acme.example/${'/'.repeat(1_000_000)}a` }], 'd')).toEqual([]);
    expect(readEntries([{ ...ACME, baseUrl: 'https://acme.example/v1//' }], 'd')).toMatchObject([
      { baseUrl: 'https://acme.example/v1' },
    ]);
  });

  it('reads the names that directories give to one thing', () => {
    for (const name of ['base_url', 'gatewayUrl', 'url', 'endpoint']) {
      const [read] = readEntries([{ slug: 'acme', [name]: 'https://acme.example', price_sats: 3 }], 'd');
      expect(read, name).toMatchObject({ baseUrl: 'https://acme.example', priceMsat: 3000 });
    }
  });
});

describe('a slug', () => {
  it('is the user’s own seller before any directory’s', async () => {
    const directory = await serve({ '/directory/acme': { ...ACME, baseUrl: 'https://evil.example' } });
    const parts = partsFor({ SATWAY_DIRECTORY: directory.url, SATWAY_SELLERS: 'acme=https://acme.example' });
    expect(await sellerOf(parts, 'acme', signal)).toEqual({ slug: 'acme', baseUrl: 'https://acme.example' });
    expect(directory.seen).toEqual([]);
  });

  it('is looked up in the directories in their order', async () => {
    const one = await serve({});
    const two = await serve({ '/directory/acme': ACME });
    const parts = partsFor({ SATWAY_DIRECTORY: `${one.url},${two.url}` });
    expect(await sellerOf(parts, 'acme', signal)).toEqual({ slug: 'acme', baseUrl: 'https://acme.example/v1' });
    await expect(sellerOf(parts, 'other', signal)).rejects.toThrow(
      expect.objectContaining({ code: 'MCP_SLUG_UNKNOWN' }),
    );
  });

  it.each(['__proto__', 'constructor/', 'evil.example/#', '..', '.', 'a/b', 'a%2fb', '', 'A', 'ä'])(
    'is never %j',
    async (slug) => {
      const directory = await serve({});
      const parts = partsFor({ SATWAY_DIRECTORY: directory.url });
      await expect(sellerOf(parts, slug, signal)).rejects.toThrow(
        expect.objectContaining({ code: 'MCP_SLUG_UNKNOWN' }),
      );
      expect(directory.seen).toEqual([]);
    },
  );

  it('is not what a directory says of another', async () => {
    const directory = await serve({ '/directory/acme': { ...ACME, slug: 'other' } });
    const parts = partsFor({ SATWAY_DIRECTORY: directory.url });
    await expect(sellerOf(parts, 'acme', signal)).rejects.toThrow(
      expect.objectContaining({ code: 'MCP_DIRECTORY_UNREADABLE', fundsMoved: 'no' }),
    );
  });
});

describe('what a seller says of itself', () => {
  const gateway = {
    name: 'Acme',
    caveats: ['method', 'n_uses'],
    endpoints: [
      { id: 'a', method: 'get', path: '/v1/a', pricing: { model: 'per_request', priceSats: 5 } },
      { path: '/v1/b', priceMsat: 250, summary: 'B' },
      { method: 'GET' },
    ],
  };

  it('is read from its gateway’s document', () => {
    expect(readGatewayDocument(gateway, '/x')).toEqual({
      name: 'Acme',
      description: null,
      caveats: ['method', 'n_uses'],
      document: '/x',
      operations: [
        { method: 'GET', path: '/v1/a', description: '', model: 'per_request', priceMsat: 5000 },
        { method: 'GET', path: '/v1/b', description: 'B', model: null, priceMsat: 250 },
      ],
    });
  });

  it('is read from an OpenAPI document with prices', () => {
    const document = {
      openapi: '3.1.0',
      info: { title: 'Acme' },
      paths: {
        '/v1/a': { get: { summary: 'A', 'x-l402-pricing': { model: 'per_request', priceSats: 5 } }, parameters: [] },
        '/v1/b': { post: { description: 'B' } },
      },
    };
    expect(readOpenApi(document, '/openapi.json')?.operations).toEqual([
      { method: 'GET', path: '/v1/a', description: 'A', model: 'per_request', priceMsat: 5000 },
      { method: 'POST', path: '/v1/b', description: 'B', model: null, priceMsat: null },
    ]);
  });

  it('is looked for in each place that is known, past those that are broken', async () => {
    const openApi = { openapi: '3.1.0', paths: { '/a': { get: {} } } };
    const { url, seen } = await serve({
      '/.well-known/l402-gateway.json': '{',
      '/.well-known/openapi.json': 302,
      '/openapi.json': openApi,
    });
    const details = await readApiDetails(partsFor({}), `${url}/v1`, signal);
    expect(details).toMatchObject({ document: '/openapi.json', operations: [{ path: '/a' }] });
    expect(seen).toEqual(['/.well-known/l402-gateway.json', '/.well-known/openapi.json', '/openapi.json']);
    const nothing = await serve({});
    expect(await readApiDetails(partsFor({}), nothing.url, signal)).toBeNull();
  });

  it('is put together where one document has the caveats and another the operations', async () => {
    const { url } = await serve({
      '/.well-known/l402-gateway.json': { caveats: ['n_uses'] },
      '/openapi.json': { info: { title: 'Acme' }, paths: { '/a': { get: {} } } },
    });
    expect(await readApiDetails(partsFor({}), url, signal)).toMatchObject({
      name: 'Acme',
      caveats: ['n_uses'],
      operations: [{ path: '/a' }],
    });
    const alone = await serve({ '/.well-known/l402-gateway.json': { caveats: ['n_uses'] } });
    expect(await readApiDetails(partsFor({}), alone.url, signal)).toMatchObject({
      caveats: ['n_uses'],
      operations: [],
    });
  });

  it('never throws, whatever it is made of', () => {
    fc.assert(
      fc.property(fc.anything(), (document) => {
        readGatewayDocument(document, '/x');
        readOpenApi(document, '/x');
        readGatewayDocument({ endpoints: document }, '/x');
        readOpenApi({ paths: document }, '/x');
        readEntries(document, 'd');
        readEntries([document], 'd');
      }),
    );
  });
});
