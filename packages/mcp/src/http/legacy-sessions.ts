import { randomUUID } from 'node:crypto';
import {
  type McpServer,
  type McpServerFactory,
  type Server,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';

export interface LegacySessionLimits {
  readonly maxSessions: number;
  /** A session without a request or an open stream ends after this. */
  readonly idleMs: number;
  readonly maxBodyBytes: number;
  readonly nowMs: () => number;
}

/** Serves protocol revisions up to 2025-11-25, in which a client opens a session; the newer ones have none. */
export interface LegacySessions {
  handle(request: Request, parsedBody: unknown): Promise<Response>;
  /** Ends those that were idle for too long. */
  sweep(): void;
  close(): Promise<void>;
}

interface Session {
  readonly transport: WebStandardStreamableHTTPServerTransport;
  readonly server: McpServer | Server;
  lastUsedAtMs: number;
  /** Answers that are still being sent. */
  open: number;
}

interface Parts {
  readonly factory: McpServerFactory;
  readonly limits: LegacySessionLimits;
  readonly sessions: Map<string, Session>;
}

export function createLegacySessions(factory: McpServerFactory, limits: LegacySessionLimits): LegacySessions {
  const parts: Parts = { factory, limits, sessions: new Map() };
  return {
    async handle(request, parsedBody) {
      sweep(parts);
      const sessionId = request.headers.get('mcp-session-id');
      if (sessionId === null) return openSession(parts, request, parsedBody);
      const session = parts.sessions.get(sessionId);
      if (session === undefined) return refusal(404, -32_001, 'This session is over; open a new one.');
      return use(parts, session, request, parsedBody);
    },
    sweep: () => sweep(parts),
    async close() {
      await Promise.all([...parts.sessions.values()].map(({ server }) => server.close()));
      parts.sessions.clear();
    },
  };
}

async function openSession(parts: Parts, request: Request, parsedBody: unknown): Promise<Response> {
  if (!makeRoom(parts)) return refusal(503, -32_000, 'Too many sessions are open.');
  const { factory, limits, sessions } = parts;
  const server = await factory({ era: 'legacy', requestInfo: request });
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    maxRequestBodySize: limits.maxBodyBytes,
    onsessioninitialized: (sessionId) => void sessions.set(sessionId, session),
    onsessionclosed: (sessionId) => void sessions.delete(sessionId),
  });
  const session: Session = { transport, server, lastUsedAtMs: limits.nowMs(), open: 0 };
  await server.connect(transport);
  const response = await use(parts, session, request, parsedBody);
  // Anything but a request to open a session was refused, and nobody will come back to it.
  if (transport.sessionId === undefined) await server.close();
  return response;
}

async function use({ limits }: Parts, session: Session, request: Request, parsedBody: unknown): Promise<Response> {
  session.open++;
  const done = () => {
    session.open--;
    session.lastUsedAtMs = limits.nowMs();
  };
  try {
    const response = await session.transport.handleRequest(request, { parsedBody });
    return whenRead(response, done);
  } catch (error) {
    done();
    throw error;
  }
}

/** The same answer; `done` is called once, when its body was read to the end or given up. */
function whenRead(response: Response, done: () => void): Response {
  if (response.body === null) {
    done();
    return response;
  }
  const reader = response.body.getReader();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const chunk = await reader.read();
      if (!chunk.done) return controller.enqueue(chunk.value);
      done();
      controller.close();
    },
    async cancel(reason) {
      done();
      await reader.cancel(reason);
    },
  });
  return new Response(body, { status: response.status, headers: response.headers });
}

/** Room for one more, by ending the one that nobody used for the longest time. */
function makeRoom(parts: Parts): boolean {
  const { sessions, limits } = parts;
  if (sessions.size < limits.maxSessions) return true;
  const idle = [...sessions.values()].filter(({ open }) => open === 0);
  const oldest = idle.toSorted((one, other) => one.lastUsedAtMs - other.lastUsedAtMs)[0];
  if (oldest !== undefined) end(parts, oldest);
  return oldest !== undefined;
}

function sweep(parts: Parts): void {
  const { idleMs, nowMs } = parts.limits;
  for (const session of parts.sessions.values()) {
    if (session.open === 0 && nowMs() - session.lastUsedAtMs >= idleMs) end(parts, session);
  }
}

function end({ sessions }: Parts, { transport, server }: Session): void {
  if (transport.sessionId !== undefined) sessions.delete(transport.sessionId);
  server.close().catch(() => undefined);
}

function refusal(status: number, code: number, message: string): Response {
  return Response.json({ jsonrpc: '2.0', error: { code, message }, id: null }, { status });
}
