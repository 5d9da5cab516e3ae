import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type ErrorCode, errorTable } from '@satway/base';
import type { CallResponse, RequestHandler } from '../data-plane/index.js';

/** A connection that remembers the answers it owes. */
export interface CallSocket extends Socket {
  /** To the request that came last. */
  lastResponse?: CallResponse;
  /** How many requests wait for the one before them. */
  waiting?: number;
  /** What the parser refused behind the last request, or in its body: no more comes on this connection. */
  refusal?: ErrorCode;
}

/** So many requests may wait behind another; then the connection is not read until it is their turn. */
const MAX_WAITING = 16;
/** A socket that is closed over unread bytes resets, and the caller may never see what was said; so they are read on for so long. */
const LINGER_MS = 1_000;

/**
 * Hands a request over when the answer before it is out. Nothing of a request is decided before, since that answer may be the last of its connection: because it
 * says so, ends with the connection, or breaks. Whoever sent more would be charged for what cannot be answered (RFC 9112, 9.6).
 */
export function takeTurn(handle: RequestHandler, request: IncomingMessage, response: CallResponse): void {
  const socket = request.socket as CallSocket;
  const earlier = socket.lastResponse;
  socket.lastResponse = response;
  if (earlier === undefined || (earlier.destroyed && socket.writable)) handle(request, response);
  else if (!earlier.destroyed) waitFor(earlier, socket, () => begin(handle, request, response, socket));
}

/** A response is destroyed with its `close`, which is after its last byte was written, or with its connection. */
function waitFor(earlier: CallResponse, socket: CallSocket, begins: () => void): void {
  socket.waiting = (socket.waiting ?? 0) + 1;
  if (socket.waiting >= MAX_WAITING) process.nextTick(pause, socket);
  earlier.once('close', () => {
    socket.waiting = (socket.waiting ?? 1) - 1;
    if (socket.waiting === MAX_WAITING - 1) socket.resume();
    begins();
  });
}

/** A turn later: the server reads on when it has a request whole, also one that it was paused in. */
function pause(socket: CallSocket): void {
  socket.pause();
}

function begin(handle: RequestHandler, request: IncomingMessage, response: CallResponse, socket: CallSocket): void {
  if (!socket.writable) return;
  if (socket.refusal !== undefined && !request.complete) writeRefusal(socket, socket.refusal);
  else handle(request, response);
}

/** Whether an answer is due. */
export function isAnswering({ lastResponse }: CallSocket): boolean {
  return lastResponse !== undefined && !lastResponse.writableFinished;
}

/**
 * For what the parser refused: there is no response object to answer with, and nothing that follows can be read. While an answer to an earlier request is
 * due, nothing may be written: it would be read as that answer, or as a part of it. What is due is still answered, and then the connection closes.
 */
export function refuseOnSocket(socket: CallSocket, code: ErrorCode): void {
  if (!socket.writable || socket.refusal !== undefined) return;
  socket.refusal = code;
  const last = socket.lastResponse;
  if (last === undefined || last.writableFinished) writeRefusal(socket, code);
  else if (last.req.complete) closeAfter(last, socket);
  else if (last.socket !== null) refuseRestOfBody(last, socket, code);
}

/** Its answer says that it is the last one, unless the head of it is out already. */
function closeAfter(last: CallResponse, socket: CallSocket): void {
  last.shouldKeepAlive = false;
  last.once('finish', () => socket.destroySoon());
}

/** The body of the request that is being answered will never be whole. */
function refuseRestOfBody(last: CallResponse, socket: CallSocket, code: ErrorCode): void {
  if (last.headersSent) socket.destroySoon();
  else writeRefusal(socket, code);
}

function writeRefusal(socket: Socket, code: ErrorCode): void {
  const { httpStatus, message, nextStep } = errorTable[code];
  const status = httpStatus ?? 400;
  const problem = {
    type: 'about:blank',
    title: message,
    status,
    detail: nextStep,
    code: code.toLowerCase(),
    error: message,
  };
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${status} ${code}`,
    'Content-Type: application/problem+json',
    'Cache-Control: no-store',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => clearTimeout(timer));
}
