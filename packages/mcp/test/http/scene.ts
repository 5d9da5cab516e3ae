import { request as httpRequest } from 'node:http';
import { McpServer, type McpServerFactory } from '@modelcontextprotocol/server';
import { onTestFinished } from 'vitest';
import { type HttpServing, type HttpServingOptions, serveHttp } from '../../src/http/index.js';

export const TOKEN = 'a-token-of-more-than-thirty-two-characters';

/** A server with one tool that counts its calls, as whoever makes servers for each connection would make it. */
export function countingFactory(): { factory: McpServerFactory; calls: { count: number; made: number } } {
  const calls = { count: 0, made: 0 };
  const factory: McpServerFactory = () => {
    calls.made++;
    const server = new McpServer({ name: 'counter', version: '1.0.0' });
    server.registerTool('count', { description: 'Counts.' }, async () => {
      calls.count++;
      return { content: [{ type: 'text', text: String(calls.count) }] };
    });
    return server;
  };
  return { factory, calls };
}

export interface Served extends HttpServing {
  readonly warnings: string[];
}

/** Serves on loopback until the test is over. */
export async function serveHere(options: Partial<HttpServingOptions> = {}): Promise<Served> {
  const warnings: string[] = [];
  const serving = await serveHttp({
    factory: countingFactory().factory,
    port: 0,
    bindAddress: '127.0.0.1',
    corsOrigin: null,
    authToken: TOKEN,
    warn: (warning) => warnings.push(warning),
    environment: {},
    ...options,
  });
  onTestFinished(() => serving.close());
  return { ...serving, warnings };
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export type HeaderList = Readonly<Record<string, string | string[]>>;

/** What every well-behaved client sends. */
export const GOOD_HEADERS: HeaderList = {
  authorization: `Bearer ${TOKEN}`,
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
};

/** One request with exactly these headers, over a connection of its own. */
export function send(
  url: string,
  {
    method = 'POST',
    headers = GOOD_HEADERS,
    body = INITIALIZE,
  }: { method?: string; headers?: HeaderList; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    request.on('error', reject);
    request.end(method === 'POST' ? body : undefined);
  });
}

export const INITIALIZE = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
});
