import type { Socket } from 'node:net';

const RESETS: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE']);
const stale = new WeakSet<Error>();

/**
 * Watches for the end that a server puts to a connection it has answered on before. One that closes what is idle may do so while the next request is on
 * its way, which it then never reads (RFC 9112, 9.3.1).
 */
export function watchForStale(socket: Socket): void {
  const bytesBefore = socket.bytesRead;
  socket.on('error', (error: NodeJS.ErrnoException) => {
    const wasAnswering = socket.bytesRead > bytesBefore;
    if (wasAnswering && (socket.readableEnded || RESETS.has(error.code))) stale.add(error);
  });
}

/** Whether an error is the end of a connection that had been used before, as far as its bytes tell: half a head counts as an earlier answer. */
export function isStaleConnection(error: Error): boolean {
  return stale.has(error);
}
