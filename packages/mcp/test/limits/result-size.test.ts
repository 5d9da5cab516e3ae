import { McpServer } from '@modelcontextprotocol/server';
import { describe, expect, it } from 'vitest';
import { fitting } from '../../src/limits/index.js';
import { serveHere, TOKEN } from '../http/scene.js';
import { setTheScene } from '../proxy/scene.js';
import { sellingApi } from '../tools/selling-api.js';

const MEGABYTE = 1_000_000;
const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

describe('what fits', () => {
  it('is as many as there is room for, and one at least', () => {
    expect(fitting(['ab', 'cd', 'ef'], 8)).toEqual(['ab', 'cd']);
    expect(fitting(['abcdef', 'g'], 1)).toEqual(['abcdef']);
    expect(fitting([], 1)).toEqual([]);
  });
});

describe('a result of less than a megabyte', () => {
  it.each([
    ['text', 'text/plain', Buffer.alloc(3 * MEGABYTE, '\u0001')],
    ['bytes', 'image/png', Buffer.alloc(3 * MEGABYTE, 0x89)],
  ])('is all that comes of a huge answer: %s', async (_, type, body) => {
    const scene = await setTheScene({ environment: { SATWAY_MAX_SHOWN_CHARS: '200000' } });
    const url = await sellingApi({
      issuer: scene.issuer,
      onPaid: (_request, response) => void response.writeHead(200, { 'content-type': type }).end(body),
    });
    const bought = await scene.call('call_api', { url });
    const id = String(bought.data['callId']);
    const resource = await scene.client.readResource({ uri: `satway://answers/${id}` });
    const results = [bought, await scene.call('read_answer', { call_id: id, length: 200_000 }), resource];
    for (const result of results) expect(bytesOf(result)).toBeLessThan(MEGABYTE);
    expect(JSON.stringify(resource)).toContain(type === 'image/png' ? String(bought.data['file']) : 'read_answer');
  });

  it('is all that comes of a huge list of tools, which goes on where it was cut', async () => {
    const { url } = await serveHere({
      factory: () => {
        const server = new McpServer({ name: 'wordy', version: '1' });
        for (let count = 0; count < 100; count++) {
          server.registerTool(`tool-${count}`, { description: '\u0001'.repeat(1200) }, () => ({ content: [] }));
        }
        return server;
      },
      limits: { requestsPerMinute: 10_000 },
    });
    const headers = { authorization: `Bearer ${TOKEN}` };
    const { call } = await setTheScene({ entries: () => [{ name: 'wordy', kind: 'http', url, headers }] });
    const names: string[] = [];
    for (let offset: number | null = 0; offset !== null; ) {
      const part = await call('list_mcp_tools', { server: 'wordy', offset });
      expect(part.isError).toBe(false);
      expect(bytesOf(part)).toBeLessThan(MEGABYTE);
      names.push(...(part.data['tools'] as { name: string }[]).map(({ name }) => name));
      offset = part.data['nextOffset'] as number | null;
    }
    expect(names).toEqual(Array.from({ length: 100 }, (_, index) => `tool-${index}`));
  });
});
