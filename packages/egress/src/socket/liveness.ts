import type { WebSocket } from 'ws';

/**
 * Notices a peer that is gone without a word: after one silent interval it is pinged, after a second one it is given up.
 *
 * @returns how to stop.
 */
export function watchLiveness(socket: WebSocket, intervalMs: number, onDead: () => void): () => void {
  let silentIntervals = 0;
  const heard = (): void => void (silentIntervals = 0);
  for (const event of ['message', 'ping', 'pong']) socket.on(event, heard);
  const timer = setInterval(() => {
    silentIntervals += 1;
    if (silentIntervals > 1) onDead();
    else socket.ping();
  }, intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}
