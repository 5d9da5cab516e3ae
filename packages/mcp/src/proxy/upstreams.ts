import type { CallToolResult, Client, Tool, Transport } from '@modelcontextprotocol/client';
import { SatwayError } from '@satway/base';
import type { Egress } from '@satway/egress';
import { EXTENSION_PREFIX, parseToolPrice, type ToolPrice } from '@satway/protocol';
import { fetchThrough } from './egress-fetch.js';
import type { McpServerEntry } from './mcp-servers.js';

const CONNECT_TIMEOUT_MS = 30_000;
/** For connecting and all pages together: a tool answers within a minute. */
const LIST_DEADLINE_MS = 40_000;
/** Longer than a tool waits; a call goes on meanwhile. */
const CALL_TIMEOUT_MS = 180_000;
/** Codes by which a server says that the request itself is wrong. */
const REQUEST_ERRORS: ReadonlySet<unknown> = new Set([-32_600, -32_601, -32_602]);
/** More than this nobody reads. */
const MAX_TOOLS = 500;
const MAX_LIST_PAGES = 50;
const MAX_LIST_CHARS = 1_000_000;

const SECRET_NAME = /auth|cookie|credential|key|macaroon|pass|secret|token/i;

/** A tool as its server announces it. Name and description are a stranger's words. */
export interface UpstreamTool {
  readonly name: string;
  readonly description: string | null;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  /** What it says it costs; what is paid stands in the invoice alone. */
  readonly price: ToolPrice | null;
}

/** One call of a tool. */
export interface UpstreamCall {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** For the request's `_meta`; a proof of payment is secret. */
  readonly meta: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
}

/** Another MCP server. It is started, or connected to, when it is first needed, and again when the connection was lost. */
export interface Upstream {
  readonly name: string;
  /** Where it is, as the journal says it: the origin of its URL, or `mcp://<name>` for one that is started here. */
  readonly origin: string;
  /** @throws {SatwayError} `MCP_UPSTREAM_UNREACHABLE`, also for a list that does not end in time, in pages or in length. */
  listTools(): Promise<UpstreamTool[]>;
  /**
   * A request that the server calls wrong is a result that says so, unless it carried a payment.
   *
   * @throws {SatwayError} `MCP_UPSTREAM_UNREACHABLE` (nothing was sent), `MCP_UPSTREAM_BROKEN`.
   */
  callTool(call: UpstreamCall): Promise<CallToolResult>;
  close(): Promise<void>;
}

/** All of them, by name. */
export interface Upstreams {
  readonly names: readonly string[];
  /** What the user's file gives them of his own secrets, in headers and environments: they may say it again. */
  readonly secrets: readonly string[];
  get(name: string): Upstream | null;
  close(): Promise<void>;
}

/** @param listDeadlineMs - how long a list of tools may take. For tests, which do not wait. */
export function openUpstreams(
  entries: readonly McpServerEntry[],
  egress: Pick<Egress, 'exchange'>,
  listDeadlineMs: number = LIST_DEADLINE_MS,
): Upstreams {
  const byName = new Map(entries.map((entry) => [entry.name, openUpstream(entry, egress, listDeadlineMs)]));
  return {
    names: [...byName.keys()],
    secrets: entries.flatMap(secretsOf),
    get: (name) => byName.get(name) ?? null,
    async close() {
      await Promise.all([...byName.values()].map((upstream) => upstream.close()));
    },
  };
}

/** By their names; what stands in an argument is seen by everybody on the machine anyhow. */
function secretsOf(entry: McpServerEntry): string[] {
  const given = Object.entries(entry.kind === 'http' ? entry.headers : entry.env);
  return given.filter(([name]) => SECRET_NAME.test(name)).map(([, value]) => value);
}

interface Connection {
  readonly client: Client;
  /** Told how many characters each message with a list of tools has. */
  readonly listListeners: Set<(chars: number) => void>;
}

function openUpstream(entry: McpServerEntry, egress: Pick<Egress, 'exchange'>, listDeadlineMs: number): Upstream {
  let connected: Promise<Connection> | null = null;
  const connectOnce = (): Promise<Connection> => {
    connected ??= connect(entry, egress, () => (connected = null)).catch((cause: unknown) => {
      connected = null;
      throw new SatwayError('MCP_UPSTREAM_UNREACHABLE', { detail: `Server: ${entry.name}.`, cause });
    });
    return connected;
  };
  return {
    name: entry.name,
    origin: entry.kind === 'http' ? new URL(entry.url).origin : `mcp://${entry.name}`,
    async listTools() {
      const deadline = AbortSignal.timeout(listDeadlineMs);
      try {
        return await listTools(await Promise.race([connectOnce(), aborted(deadline)]), deadline);
      } catch (cause) {
        throw new SatwayError('MCP_UPSTREAM_UNREACHABLE', { detail: `Server: ${entry.name}.`, cause });
      }
    },
    async callTool({ tool, arguments: given, meta, signal }) {
      const { client } = await connectOnce();
      try {
        const params = { name: tool, arguments: { ...given }, _meta: { ...meta } };
        return await client.callTool(params, { timeout: CALL_TIMEOUT_MS, signal });
      } catch (cause) {
        return readFailure(entry.name, meta, cause);
      }
    },
    async close() {
      const connection = await connected?.catch(() => null);
      await connection?.client.close();
    },
  };
}

/** What the library rejects with. Only what is known to have done nothing, and carried no payment, is an ordinary answer. */
function readFailure(name: string, meta: UpstreamCall['meta'], cause: unknown): CallToolResult {
  const { code, message } = cause instanceof Error && 'code' in cause ? cause : { code: null, message: '' };
  if (REQUEST_ERRORS.has(code) && Object.keys(meta).length === 0) {
    return { isError: true, content: [{ type: 'text', text: message }] };
  }
  throw new SatwayError('MCP_UPSTREAM_BROKEN', { detail: `Server: ${name}.`, cause });
}

/** Declares no abilities: another server asks our user, our model and our folders nothing. */
async function connect(
  entry: McpServerEntry,
  egress: Pick<Egress, 'exchange'>,
  onGone: () => void,
): Promise<Connection> {
  // Loaded when it is needed: most servers have no others behind them.
  const { Client } = await import('@modelcontextprotocol/client');
  const client = new Client(
    { name: EXTENSION_PREFIX, version: '1' },
    { versionNegotiation: { mode: 'auto' }, listMaxPages: MAX_LIST_PAGES },
  );
  const transport = entry.kind === 'http' ? await overHttp(entry, egress) : await overStdio(entry);
  await client.connect(transport, { timeout: CONNECT_TIMEOUT_MS });
  // A process that ends is started again by the next call.
  Object.assign(client, { onclose: onGone });
  const listListeners: Connection['listListeners'] = new Set();
  tellLists(client, listListeners);
  return { client, listListeners };
}

type Entry<Kind extends McpServerEntry['kind']> = Extract<McpServerEntry, { kind: Kind }>;

async function overHttp({ url, headers }: Entry<'http'>, egress: Pick<Egress, 'exchange'>): Promise<Transport> {
  const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
  return new StreamableHTTPClientTransport(new URL(url), { fetch: fetchThrough(egress), requestInit: { headers } });
}

async function overStdio({ command, args, env, cwd }: Entry<'stdio'>): Promise<Transport> {
  const { getDefaultEnvironment, StdioClientTransport } = await import('@modelcontextprotocol/client/stdio');
  // Nothing of this process's environment but what every program needs: it may hold our wallet's key.
  const environment = { ...getDefaultEnvironment(), ...env };
  const where = cwd === null ? {} : { cwd };
  return new StdioClientTransport({ command, args: [...args], env: environment, stderr: 'ignore', ...where });
}

async function listTools({ client, listListeners }: Connection, deadline: AbortSignal): Promise<UpstreamTool[]> {
  const tooLong = new AbortController();
  let chars = 0;
  const count = (length: number) => {
    if ((chars += length) > MAX_LIST_CHARS) tooLong.abort();
  };
  listListeners.add(count);
  try {
    const signal = AbortSignal.any([deadline, tooLong.signal]);
    const { tools } = await client.listTools(undefined, { timeout: LIST_DEADLINE_MS, signal });
    return tools.slice(0, MAX_TOOLS).map(toUpstreamTool);
  } finally {
    listListeners.delete(count);
  }
}

function toUpstreamTool({ name, description, inputSchema, _meta }: Tool): UpstreamTool {
  return {
    name,
    description: description ?? null,
    inputSchema: { ...inputSchema },
    price: parseToolPrice(_meta),
  };
}

/** Tells each listener the length of every message with a list of tools, before the library takes it. */
function tellLists(client: Client, listeners: Connection['listListeners']): void {
  const { transport } = client;
  const take = transport?.onmessage;
  if (transport === undefined || take === undefined) return;
  const onmessage: typeof take = (message, extra) => {
    if ('result' in message && 'tools' in message.result) {
      const { length } = JSON.stringify(message);
      for (const listener of listeners) listener(length);
    }
    take(message, extra);
  };
  Object.assign(transport, { onmessage });
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
