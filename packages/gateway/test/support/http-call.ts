import { Agent, type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { connect } from 'node:net';

/** A whole answer. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: readonly string[];
  readonly body: string;
  /** False where the connection broke before the body was whole. */
  readonly isComplete: boolean;
}

export interface CallInit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Buffer;
  readonly agent?: Agent;
}

/** Opens a request and leaves body and answer to the test. */
export function openCall(url: string, init: CallInit = {}): ClientRequest {
  const target = new URL(url);
  // The path goes out as it was written: `URL` would tidy up what the test wants to say.
  const path = url.slice(url.indexOf(target.host) + target.host.length) || '/';
  return httpRequest({
    host: target.hostname,
    port: target.port,
    path,
    method: init.method ?? 'GET',
    headers: init.headers as Record<string, string | string[]>,
    agent: init.agent ?? new Agent({ keepAlive: false }),
  });
}

/** Sends a request and reads the whole answer. */
export function call(url: string, init: CallInit = {}): Promise<Answer> {
  const request = openCall(url, init);
  const answer = answerOf(request);
  request.end(init.body);
  return answer;
}

export async function answerOf(request: ClientRequest): Promise<Answer> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    request.once('error', reject);
  });
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve) => {
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', () => resolve());
    response.on('close', () => resolve());
  });
  const { statusCode = 0, headers, rawHeaders, complete } = response;
  return { status: statusCode, headers, rawHeaders, body: Buffer.concat(chunks).toString(), isComplete: complete };
}

/** Writes bytes to a socket and reads until the other side closes. */
export function exchangeRaw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', (error: NodeJS.ErrnoException) => (chunks.length > 0 ? undefined : reject(error)));
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
  });
}

/** Writes bytes to a socket and tells how the other side ended the connection: in order (FIN), or not (RST). */
export function howConnectionEnds(port: number, bytes: string): Promise<'end' | 'reset'> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
    socket.once('end', () => resolve('end')).resume();
    socket.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' ? resolve('reset') : reject(error),
    );
  });
}

/** Like `exchangeRaw`, from a caller who looks at no answer before everything is sent; `between` happens when the first half is out. */
export function exchangeRawBlocking(
  port: number,
  halves: readonly string[],
  between: () => Promise<unknown>,
): Promise<string> {
  const [first = '', second = ''] = halves;
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.pause();
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
    const sendSecond = (): boolean => socket.write(second, 'latin1', () => socket.resume());
    socket.write(first, 'latin1', () => void between().then(sendSecond, reject));
  });
}
