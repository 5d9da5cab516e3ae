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
      /(?<![.#\w]|async )(fetch|WebSocket|EventSource|XMLHttpRequest)\s*\(|new\s+(WebSocket|EventSource)\b|globalThis\s*\.\s*fetch|process\.binding/;
    expect(outside.filter(({ text }) => globals.test(withoutComments(text))).map(({ path }) => path)).toEqual([]);
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
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');
}
