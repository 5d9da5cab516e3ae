import { describe, expect, it } from 'vitest';
import { readSourceFiles } from './source-files.js';

/** Modules by which a process can open a connection. */
const OPENS_CONNECTIONS =
  /^(undici|ws|axios|got|node-fetch|ioredis|(node:)?(net|tls|dgram|http2|https?|dns|dns\/promises))$/;

/** Servers need these modules to listen, wrappers to fit; what they may take from them is named. */
const HARMLESS: Readonly<Record<string, readonly string[]>> = {
  'node:http': [
    'createServer',
    'IncomingMessage',
    'Server',
    'ServerResponse',
    'IncomingHttpHeaders',
    'ServerOptions',
    'RequestListener',
    'STATUS_CODES',
  ],
  'node:https': ['createServer', 'Server'],
  'node:net': ['AddressInfo', 'BlockList', 'isIP', 'isIPv4', 'isIPv6', 'Socket'],
  'node:tls': ['TLSSocket'],
  // Its adapter over a fetch that it is given; what opens a connection by itself is not among them.
  axios: ['getAdapter', 'isAxiosError', 'AxiosAdapter', 'AxiosResponse', 'InternalAxiosRequestConfig'],
};

/** A database driver connects by itself to the store that the operator named. */
const DATABASE_DRIVERS: Readonly<Record<string, RegExp>> = { pg: /^packages\/gate\/src\/claim-store\/sql\// };

/**
 * The MCP library brings its own connections, and `fetch` of the runtime stands in most of its functions where no other is given. So what may be taken from it as more than a type is
 * named, in one folder alone; of its transports the one over HTTP is made with our `fetch` only, and the one over stdio starts a program and opens nothing.
 */
const MCP_CLIENT = /^@modelcontextprotocol\/(?:client|sdk)(?:\/|$)/;
const FROM_MCP_CLIENT = ['Client', 'StreamableHTTPClientTransport', 'StdioClientTransport', 'getDefaultEnvironment'];
const MCP_FOLDER = /^packages\/mcp\/src\/proxy\//;
const MADE_TRANSPORT = /new\s+(\w*Transport)\s*\(/g;

const VALUE_IMPORT = /import\s+(?!type\s)([^;'"]*?)\s+from\s+['"]([^'"]+)['"]/g;
const LATE_IMPORT = /(?:const|let)\s+([^=]*?)\s*=\s*await\s+import\(\s*['"]([^'"]+)['"]\s*\)/g;
const ANY_LATE_IMPORT = /import\(\s*['"]([^'"]+)['"]\s*\)/g;

/** What is taken from the MCP library as more than a type; `*` for all of it. */
function takenFromMcp(text: string): string[] {
  const statements = [...text.matchAll(VALUE_IMPORT), ...text.matchAll(LATE_IMPORT)].filter(([, , from = '']) =>
    MCP_CLIENT.test(from),
  );
  const late = [...text.matchAll(ANY_LATE_IMPORT)].filter(([, from = '']) => MCP_CLIENT.test(from));
  const isHidden = late.length > statements.filter(([statement]) => statement.includes('import(')).length;
  const names = statements.flatMap(([, taken = '']) =>
    /^\{.*\}$/s.test(taken) ? taken.slice(1, -1).split(',') : ['*'],
  );
  return [...names.map((name) => name.trim()), ...(isHidden ? ['*'] : [])]
    .filter((name) => name !== '' && !name.startsWith('type '))
    .map((name) => name.split(/\s+as\s+|\s*:\s*/)[0] ?? '');
}

/** What a file takes or makes by which the MCP library could go out by itself. */
function mcpWaysOut(path: string, text: string): string[] {
  const taken = takenFromMcp(text);
  const misplaced = taken.length > 0 && !MCP_FOLDER.test(path) ? [`${path}: the MCP library`] : [];
  const unknown = taken.filter((name) => !FROM_MCP_CLIENT.includes(name)).map((name) => `${path}: ${name}`);
  const made = [...text.matchAll(MADE_TRANSPORT)]
    .filter(([, name]) => name?.includes('Client') === true && name !== 'StdioClientTransport')
    .filter(({ index }) => !/\{\s*fetch:\s*fetchThrough\(egress\)/.test(argumentsAt(text, index)))
    .map(([, name]) => `${path}: ${name} without our fetch`);
  return [...misplaced, ...unknown, ...made];
}

/** What stands between the first parenthesis after `index` and the one that closes it. */
function argumentsAt(text: string, index: number): string {
  const start = text.indexOf('(', index);
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if (text[at] === '(') depth += 1;
    if (text[at] === ')') depth -= 1;
    if (depth === 0) return text.slice(start, at);
  }
  return text.slice(start);
}

const NAMED_IMPORT = /import\s+(?:type\s+)?\{([^}]*)\}\s+from\s+['"]([^'"]+)['"]/g;

const outside = readSourceFiles().filter(({ room }) => room !== 'egress');

function takenFrom(text: string, module: string): string[] {
  return [...text.matchAll(NAMED_IMPORT)]
    .filter((match) => match[2] === module)
    .flatMap((match) => (match[1] ?? '').split(','))
    .map(
      (name) =>
        name
          .trim()
          .replace(/^type\s+/, '')
          .split(/\s+as\s+/)[0] ?? '',
    )
    .filter((name) => name !== '');
}

function forbiddenImports(path: string, text: string, imports: readonly string[]): string[] {
  return imports
    .filter((used) => OPENS_CONNECTIONS.test(used))
    .flatMap((used) => {
      const allowed = HARMLESS[used];
      if (allowed === undefined) return [`${path}: ${used}`];
      const named = takenFrom(text, used);
      if (named.length === 0) return [`${path}: ${used} as a whole`];
      return named.filter((name) => !allowed.includes(name)).map((name) => `${path}: ${name} from ${used}`);
    });
}

describe('outgoing connections', () => {
  it('are opened by egress and nowhere else', () => {
    expect(outside.flatMap(({ path, text, imports }) => forbiddenImports(path, text, imports))).toEqual([]);
  });

  it('are not opened by the globals of the runtime either', () => {
    const globals =
      /(?<![.#\w]|async )(fetch|WebSocket|EventSource|XMLHttpRequest)\s*\(|new\s+(WebSocket|EventSource)\b|globalThis\s*\.\s*fetch|process\.binding|getBuiltinModule/;
    expect(outside.filter(({ text }) => globals.test(withoutComments(text))).map(({ path }) => path)).toEqual([]);
  });

  it('are not opened by modules that are required either', () => {
    const required = outside.flatMap(({ path, text }) =>
      [...withoutComments(text).matchAll(/createRequire\s*\(([^)]*)\)(?:\(\s*['"]([^'"]+)['"]\s*\))?/g)].map(
        ([, , name]) => `${path}: ${name}`,
      ),
    );
    expect(required.toSorted()).toEqual([
      'packages/client/src/vault/keychain.ts: @napi-rs/keyring',
      'packages/protocol/src/bolt11/native-curve.ts: secp256k1/bindings',
    ]);
  });

  it('of the MCP library are made with our fetch', () => {
    expect(outside.flatMap(({ path, text }) => mcpWaysOut(path, withoutComments(text)))).toEqual([]);
    const transports = outside
      .filter(({ path }) => MCP_FOLDER.test(path))
      .map(({ text }) => text.match(MADE_TRANSPORT));
    expect(transports.flat()).toContain('new StreamableHTTPClientTransport(');
  });

  it('of webhooks go through egress', () => {
    const webhooks = outside.filter(({ path }) => path.endsWith('webhook.ts'));
    expect(webhooks).not.toEqual([]);
    expect(webhooks.filter(({ text }) => !text.includes('egress.exchange(')).map(({ path }) => path)).toEqual([]);
  });

  it('of the database driver come from the store alone', () => {
    const drivers = outside.flatMap(({ path, imports }) =>
      imports.filter((used) => !(DATABASE_DRIVERS[used]?.test(path) ?? true)).map((used) => `${path}: ${used}`),
    );
    expect(drivers).toEqual([]);
  });

  it('would be found in a file that opened one', () => {
    const text = `import { connect, type Socket } from 'node:net';`;
    expect(forbiddenImports('x.ts', text, ['node:net'])).toEqual(['x.ts: connect from node:net']);
    expect(forbiddenImports('x.ts', `import http from 'node:http';`, ['node:http'])).toEqual([
      'x.ts: node:http as a whole',
    ]);
    expect(forbiddenImports('x.ts', `import { request } from 'undici';`, ['undici'])).toEqual(['x.ts: undici']);
  });

  it.each([
    [`import { auth } from '@modelcontextprotocol/client';`, 'auth'],
    [`import { type FetchLike, SSEClientTransport } from '@modelcontextprotocol/client';`, 'SSEClientTransport'],
    [`import * as mcp from '@modelcontextprotocol/client';`, '*'],
    [`const { discoverOAuthMetadata: d } = await import('@modelcontextprotocol/client');`, 'discoverOAuthMetadata'],
    [`void import('@modelcontextprotocol/client').then((all) => all.auth());`, '*'],
    [`const t = new StreamableHTTPClientTransport(url);`, 'StreamableHTTPClientTransport without our fetch'],
    [`const t = new StreamableHTTPClientTransport(url, { fetch });`, 'StreamableHTTPClientTransport without our fetch'],
    [
      `const t = new StreamableHTTPClientTransport(url); const u = { fetch: fetchThrough(egress) };`,
      'StreamableHTTPClientTransport without our fetch',
    ],
  ])('would be found in a file of the MCP proxy: %s', (text, found) => {
    expect(mcpWaysOut('packages/mcp/src/proxy/x.ts', text)).toEqual([`packages/mcp/src/proxy/x.ts: ${found}`]);
  });

  it('would not be seen where there is none: types, and a transport with our fetch', () => {
    const text = `import type { FetchLike } from '@modelcontextprotocol/client';
      const { Client } = await import('@modelcontextprotocol/client');
      new StreamableHTTPClientTransport(new URL(url), { fetch: fetchThrough(egress), requestInit: { headers } });
      new StdioClientTransport({ command });`;
    expect(mcpWaysOut('packages/mcp/src/proxy/x.ts', text)).toEqual([]);
    expect(mcpWaysOut('packages/mcp/src/tools/x.ts', text)).toEqual(['packages/mcp/src/tools/x.ts: the MCP library']);
  });
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');
}
