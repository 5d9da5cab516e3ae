import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEgress } from '@satway/egress';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openUpstreams, type Upstream } from '../../src/index.js';

interface Asked {
  readonly id?: number;
  readonly method: string;
  readonly params: { readonly protocolVersion: string; readonly cursor?: string };
}

const tool = (name: string, description = '') => ({ name, description, inputSchema: { type: 'object' } });

/** A server whose list of tools is what `page` gives for each cursor; `null`: it says nothing. */
async function listing(page: (number: number) => object | null, listDeadlineMs?: number) {
  let pages = 0;
  const resultOf = ({ method, params }: Asked): object | null => {
    if (method === 'tools/list') return page(++pages);
    const serverInfo = { name: 'endless', version: '1' };
    return method === 'initialize'
      ? { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo }
      : {};
  };
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      if (request.method !== 'POST') return void response.writeHead(405).end();
      const asked = JSON.parse(body) as Asked;
      if (asked.id === undefined) return void response.writeHead(202).end();
      const result = resultOf(asked);
      if (result === null) return;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id: asked.id, result }));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  const egress = createEgress({ allowHosts: ['127.0.0.1'] });
  const upstreams = openUpstreams([{ name: 'it', kind: 'http', url, headers: {} }], egress, listDeadlineMs);
  onTestFinished(async () => {
    await upstreams.close();
    await egress.close();
    server.closeAllConnections();
    server.close();
  });
  return { upstream: upstreams.get('it') as Upstream, pages: () => pages };
}

const UNREACHABLE = { code: 'MCP_UPSTREAM_UNREACHABLE' };

describe('the list of another server’s tools', () => {
  it('is read over its pages, in their order', async () => {
    const { upstream } = await listing((number) => ({
      tools: [tool(`t${number}`)],
      ...(number < 30 ? { nextCursor: `c${number}` } : {}),
    }));
    const tools = await upstream.listTools();
    expect(tools.map(({ name }) => name)).toEqual(Array.from({ length: 30 }, (_, index) => `t${index + 1}`));
  });

  it('is given up after fifty pages', async () => {
    const { upstream, pages } = await listing((number) => ({ tools: [], nextCursor: `c${number}` }));
    await expect(upstream.listTools()).rejects.toMatchObject(UNREACHABLE);
    expect(pages()).toBe(50);
  });

  it('is given up when its pages together are longer than a million characters', async () => {
    const { upstream, pages } = await listing((number) => ({
      tools: [tool(`t${number}`, 'x'.repeat(300_000))],
      nextCursor: `c${number}`,
    }));
    await expect(upstream.listTools()).rejects.toMatchObject(UNREACHABLE);
    expect(pages()).toBe(4);
  });

  it.each([
    ['one page never comes', 1],
    ['a later page never comes', 3],
  ])(
    'is given up at one deadline for all of it: %s',
    async (_, silentFrom) => {
      const { upstream } = await listing(
        (number) => (number < silentFrom ? { tools: [tool('t')], nextCursor: `c${number}` } : null),
        1_000,
      );
      await expect(upstream.listTools()).rejects.toMatchObject(UNREACHABLE);
    },
    20_000,
  );

  it('is there for the next who asks, after one was given up', async () => {
    const { upstream } = await listing((number) =>
      number === 1 ? { tools: [tool('t', 'x'.repeat(1_000_000))] } : { tools: [tool('t')] },
    );
    await expect(upstream.listTools()).rejects.toMatchObject(UNREACHABLE);
    expect(await upstream.listTools()).toMatchObject([{ name: 't' }]);
  });
});
