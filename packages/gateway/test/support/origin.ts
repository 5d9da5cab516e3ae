import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What an origin saw of one request. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A real HTTP server behind the gateway. */
export interface Origin {
  readonly url: string;
  readonly server: Server;
  /** Requests whose whole body arrived, in order. */
  readonly seen: readonly SeenRequest[];
  close(): Promise<void>;
}

export type Answerer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** Starts an origin that answers after it has the whole body. */
export async function startOrigin(answer: Answerer): Promise<Origin> {
  const seen: SeenRequest[] = [];
  return startRawOrigin((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const { method = '', url = '', rawHeaders, headers } = request;
      seen.push({ method, url, rawHeaders, headers, body });
      answer(request, response, body);
    });
  }, seen);
}

/** Starts an origin that sees requests as they come. */
export async function startRawOrigin(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  seen: readonly SeenRequest[] = [],
): Promise<Origin> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    server,
    seen,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
