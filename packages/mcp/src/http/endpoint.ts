import { createMcpHandler, isLegacyRequest, type McpServerFactory } from '@modelcontextprotocol/server';
import { createLegacySessions, type LegacySessionLimits } from './legacy-sessions.js';

/** The MCP endpoint behind the guards: both protocol eras from one factory. */
export interface McpEndpoint {
  handle(request: Request, parsedBody: unknown): Promise<Response>;
  sweep(): void;
  close(): Promise<void>;
}

export interface EndpointOptions extends LegacySessionLimits {
  readonly factory: McpServerFactory;
  readonly onError: (error: Error) => void;
}

/** How many change streams may be open at a time. */
const MAX_SUBSCRIPTIONS = 64;

export function createEndpoint({ factory, onError, ...limits }: EndpointOptions): McpEndpoint {
  const sessions = createLegacySessions(factory, limits);
  const modern = createMcpHandler(factory, {
    legacy: 'reject',
    onerror: onError,
    maxSubscriptions: MAX_SUBSCRIPTIONS,
    maxRequestBodySize: limits.maxBodyBytes,
  });
  return {
    async handle(request, parsedBody) {
      if (await isLegacyRequest(request, parsedBody)) return sessions.handle(request, parsedBody);
      return modern.fetch(request, { parsedBody });
    },
    sweep: () => sessions.sweep(),
    async close() {
      await Promise.all([sessions.close(), modern.close()]);
    },
  };
}
