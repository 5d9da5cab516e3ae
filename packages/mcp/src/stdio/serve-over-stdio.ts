import type { McpServerFactory } from '@modelcontextprotocol/server';
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';

/** A connection over the process's own standard streams. */
export interface StdioConnection {
  /** Resolves when the client has closed its end. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/** Serves one client over stdin and stdout, in whichever protocol era it opens. Nothing else may be written to stdout. */
export function serveOverStdio(factory: McpServerFactory, onError: (error: Error) => void): StdioConnection {
  const transport = new StdioServerTransport();
  const handle = serveStdio(factory, { transport, onerror: onError });
  const closed = new Promise<void>((resolve) => {
    process.stdin.once('end', resolve);
    process.stdin.once('close', resolve);
  });
  return { closed, close: () => handle.close() };
}
