import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Refusal, refusalBody } from './guards.js';
import { SECURITY_HEADERS } from './security-headers.js';
import { writeRefusal } from './write-response.js';

/** What Node's parser turns away before there is a request. */
const BY_CODE: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: { status: 431, message: 'The head of the request is too long.' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: 413, message: 'The extensions of a chunk are too long.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, message: 'The request took too long.' },
};
const NO_HTTP: Refusal = { status: 400, message: 'This is no HTTP request.' };

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Calls `handle` with every request, and says in our own way, with our headers, what Node would answer by itself: to what its parser refuses and to expectations.
 * Who waits for `100 Continue` waits until `handle` asks for the body.
 */
export function serveRequests(server: Server, handle: Handle): void {
  // Node would leave out the lines behind the thousandth without a word; a second token or Host must be seen wherever it stands.
  server.maxHeadersCount = 0;
  const answers = new WeakMap<Duplex, ServerResponse>();
  const take: Handle = (request, response) => {
    answers.set(request.socket, response);
    handle(request, response);
  };
  server.on('request', take);
  server.on('checkContinue', take);
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) =>
    writeRefusal(response, { status: 417, message: 'Only 100-continue can be expected here.' }, {}),
  );
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const begun = answers.get(socket);
    // In the middle of another answer these would be words of that answer.
    if (!socket.writable || (begun?.headersSent === true && !begun.writableFinished)) return void socket.destroy();
    socket.end(rawRefusal(BY_CODE[error.code ?? ''] ?? NO_HTTP));
  });
}

/** An answer where there is no request to answer. */
function rawRefusal(refusal: Refusal): string {
  const body = refusalBody(refusal);
  const headers = {
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(body)),
    ...SECURITY_HEADERS,
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}`, ...lines, '', body].join('\r\n');
}
