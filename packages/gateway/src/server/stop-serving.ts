import { setImmediate } from 'node:timers/promises';
import type { LiveCalls } from '../data-plane/index.js';
import type { Logger } from '../logs/index.js';
import type { HttpListener } from './http-listener.js';

export interface Listeners {
  readonly main: HttpListener;
  readonly admin: HttpListener | null;
}

/** After the grace time the calls that are left are ended, and their charges given back or committed; that waits for the store alone. */
const SETTLE_MS = 5_000;

/**
 * Stops in order: no new connection, running calls end, those that take longer than `graceMs` are broken off. Resolves when no call is
 * under way, so that the store can be closed behind it.
 */
export async function stopServing(
  { main, admin }: Listeners,
  liveCalls: LiveCalls,
  graceMs: number,
  logger: Logger,
): Promise<void> {
  logger.info({ callsUnderWay: liveCalls.size }, 'gateway is stopping');
  const stopped = Promise.all([main.stopAccepting(), admin?.stopAccepting(), liveCalls.whenIdle()]);
  if (await isDoneWithin(stopped, graceMs)) return;
  logger.warn({ callsUnderWay: liveCalls.size }, 'calls are broken off');
  liveCalls.sweep(true);
  await isDoneWithin(liveCalls.whenIdle(), SETTLE_MS);
  // An answer that was said last leaves at the end of its turn.
  await setImmediate();
  main.breakConnections();
  admin?.breakConnections();
  await isDoneWithin(Promise.all([stopped, liveCalls.whenIdle()]), SETTLE_MS);
}

async function isDoneWithin(work: Promise<unknown>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  const isDone = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return isDone;
}
