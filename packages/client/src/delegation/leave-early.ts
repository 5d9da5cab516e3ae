import { L402Error } from '../l402-client/l402-error.js';

/**
 * Waits for work until the signal aborts. The work is told, stops at its next safe point, and goes on to one where nothing is lost; nobody waits for it any more.
 *
 * @throws {L402Error} `CALL_ABORTED`, and what the work throws.
 */
export async function leavingEarly<T>(
  signal: AbortSignal | null,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const left = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(new L402Error('CALL_ABORTED', { cause: signal?.reason })));
  });
  const leave = () => controller.abort(signal?.reason);
  if (signal?.aborted === true) throw new L402Error('CALL_ABORTED', { cause: signal.reason, fundsMoved: 'no' });
  signal?.addEventListener('abort', leave);
  try {
    return await Promise.race([work(controller.signal), left]);
  } finally {
    signal?.removeEventListener('abort', leave);
  }
}
