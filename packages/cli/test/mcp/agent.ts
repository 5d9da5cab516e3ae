import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as StdioV2 } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as StdioV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { BIN } from '../run-satway.js';

/** The stock clients: of the first SDK, of the second in the old era, and of the second in the new era. */
export const AGENTS = ['v1', 'v2 of 2025', 'v2 of 2026'] as const;
export type AgentKind = (typeof AGENTS)[number];

/** What a tool answered. */
export interface ToolAnswer {
  readonly text: string;
  readonly data: Record<string, unknown>;
  readonly isError: boolean;
  readonly raw: Record<string, unknown>;
}

/** A client that has started `satway mcp` and speaks to it over its standard streams. */
export interface Agent {
  call(name: string, args?: Record<string, unknown>, options?: CallOptions): Promise<ToolAnswer>;
  readonly client: Pick<
    ClientV2,
    'listTools' | 'listResources' | 'readResource' | 'getServerVersion' | 'getInstructions'
  >;
  /** Everything that went over the wire, both ways, a line for each message. */
  transcript(): string;
  stderr(): string;
  close(): Promise<void>;
  /** Ends the server as a power cut would. */
  kill(): void;
}

interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onprogress?: (progress: { progress: number; message?: string | undefined }) => void;
}

const INFO = { name: 'test-agent', version: '1.0.0' };

/** What the host's person does with a form. */
type Elicit = (form: { message: string }) => Promise<ElicitationAnswer>;
export type ElicitationAnswer =
  | { action: 'decline' | 'cancel' }
  | { action: 'accept'; content: Record<string, boolean | string> };

interface AgentOptions {
  /** The host can put forms before its person. */
  readonly elicit?: Elicit;
}

export async function startAgent(
  kind: AgentKind,
  environment: Readonly<Record<string, string>>,
  args: readonly string[] = [],
  options: AgentOptions = {},
): Promise<Agent> {
  const server = {
    command: process.execPath,
    args: [BIN, 'mcp', ...args],
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stderr: 'pipe' as const,
  };
  const transport = kind === 'v1' ? new StdioV1(server) : new StdioV2(server);
  let stderr = '';
  transport.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return connect(kind, transport, () => stderr, options);
}

/** The same, to a server that is there already, over HTTP. */
export function connectAgent(kind: AgentKind, url: string, token: string, options: AgentOptions = {}): Promise<Agent> {
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  const transport =
    kind === 'v1' ? new HttpV1(new URL(url), { requestInit }) : new HttpV2(new URL(url), { requestInit });
  return connect(kind, transport, () => '', options);
}

async function connect(
  kind: AgentKind,
  transport: StdioV1 | StdioV2 | HttpV1 | HttpV2,
  stderr: () => string,
  { elicit }: AgentOptions,
): Promise<Agent> {
  const lines = record(transport);
  const capabilities = elicit === undefined ? {} : { elicitation: { form: {} } };
  // Both have the same methods; what each of them sends is the point of the tests.
  const client = (
    kind === 'v1'
      ? new ClientV1(INFO, { capabilities })
      : new ClientV2(INFO, {
          capabilities,
          versionNegotiation: { mode: kind === 'v2 of 2026' ? { pin: '2026-07-28' } : 'legacy' },
        })
  ) as ClientV2;
  if (elicit !== undefined) answerForms(kind, client, elicit);
  await client.connect(transport);
  return {
    client,
    async call(name, toolArguments = {}, options = {}) {
      const params = { name, arguments: toolArguments };
      const raw =
        kind === 'v1'
          ? await (client as unknown as ClientV1).callTool(params, undefined, options)
          : await client.callTool(params, options);
      return readAnswer(raw);
    },
    transcript: () => lines.join('\n'),
    stderr,
    close: () => client.close(),
    kill() {
      if ('pid' in transport && transport.pid !== null) process.kill(transport.pid, 'SIGKILL');
    },
  };
}

function answerForms(kind: AgentKind, client: ClientV2, elicit: Elicit): void {
  if (kind === 'v1') {
    const old = client as unknown as ClientV1;
    old.setRequestHandler(ElicitRequestSchema, ({ params }) => elicit(params));
  } else client.setRequestHandler('elicitation/create', ({ params }) => elicit(params));
}

function readAnswer(raw: Record<string, unknown>): ToolAnswer {
  const content = raw['content'] as { type: string; text?: string }[];
  return {
    text: content.map(({ text }) => text ?? '').join('\n'),
    data: (raw['structuredContent'] ?? {}) as Record<string, unknown>,
    isError: raw['isError'] === true,
    raw,
  };
}

/** Writes down what a transport sends and receives. */
function record(transport: object): string[] {
  const lines: string[] = [];
  const wire = transport as unknown as {
    send: (message: unknown, ...rest: unknown[]) => Promise<void>;
    onmessage?: (message: unknown, ...rest: unknown[]) => void;
  };
  const send = wire.send.bind(transport);
  wire.send = (message, ...rest) => {
    lines.push(JSON.stringify(message));
    return send(message, ...rest);
  };
  let listener: typeof wire.onmessage;
  Object.defineProperty(transport, 'onmessage', {
    get: () =>
      listener === undefined
        ? undefined
        : (message: unknown, ...rest: unknown[]) => {
            lines.push(JSON.stringify(message));
            listener?.(message, ...rest);
          },
    set(next: typeof wire.onmessage) {
      listener = next;
    },
  });
  return lines;
}
