import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { BIN } from '../run-satway.js';
import { openShop, type Shop } from './shop.js';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop((_, response) => response.end('answer'));
});
afterAll(() => shop.close());

interface Raw {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Lines of stdout so far. */
  readonly lines: string[];
  stderr(): string;
  send(message: object | string): void;
  /** The answer to a request of this id. */
  answerTo(id: number): Promise<Record<string, unknown>>;
}

function startRaw(environment: Record<string, string>): Raw {
  const env = { PATH: process.env['PATH'] ?? '', ...environment };
  const child = spawn(process.execPath, [BIN, 'mcp'], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  const find = (id: number) =>
    lines.map((line) => JSON.parse(line) as Record<string, unknown>).find((each) => each['id'] === id);
  return {
    child,
    lines,
    stderr: () => stderr,
    send: (message) => void child.stdin.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`),
    async answerTo(id) {
      for (;;) {
        const found = find(id);
        if (found !== undefined) return found;
        await once(reader, 'line');
      }
    },
  };
}

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
};

const HOSTILE = [
  'no json at all',
  '{"jsonrpc":"2.0"',
  '[]',
  'null',
  '{"jsonrpc":"1.0","id":5,"method":"x"}',
  '{"jsonrpc":"2.0","id":{"a":1},"method":"tools/list"}',
  '{"jsonrpc":"2.0","id":6,"method":"tools/call","params":{"name":"__proto__","arguments":{}}}',
  '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"call_api","arguments":{"__proto__":{"url":"x"}}}}',
  '{"jsonrpc":"2.0","id":8,"method":"tools/call","params":{"name":"call_api","arguments":[1,2]}}',
  `{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"call_api","arguments":{"url":"http://a.example","body":${'['.repeat(5000)}${']'.repeat(5000)}}}}`,
  '\u0000\u001b[2J',
];

describe('stdout of satway mcp', () => {
  it('carries the protocol and nothing else, whatever comes in, and the server goes on', async () => {
    // A warning for each of these is due, and belongs to stderr.
    const raw = startRaw(shop.environment({ SSRF_ALLOW_PRIVATE: 'true', NODE_TLS_REJECT_UNAUTHORIZED: '0' }));
    raw.send(INITIALIZE);
    await raw.answerTo(1);
    raw.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    for (const line of HOSTILE) raw.send(line);
    raw.send({
      jsonrpc: '2.0',
      id: 2,
      method: 'tools/call',
      params: { name: 'call_api', arguments: { url: `${shop.url}/thing/1` } },
    });
    expect(await raw.answerTo(2)).toMatchObject({ result: { structuredContent: { status: 200, costMsat: 5000 } } });
    for (const line of raw.lines) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' });
    expect(raw.stderr()).toContain('SSRF_ALLOW_PRIVATE');
    const ended = once(raw.child, 'exit') as Promise<[number | null]>;
    raw.child.stdin.end();
    expect(await ended).toEqual([0, null]);
  });

  it('is left alone by a signal, which ends the server', async () => {
    const raw = startRaw(shop.environment());
    raw.send(INITIALIZE);
    await raw.answerTo(1);
    const ended = once(raw.child, 'exit') as Promise<[number | null]>;
    raw.child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(raw.lines).toHaveLength(1);
  });
});
