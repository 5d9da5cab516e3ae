import type * as Gateway from '@satway/gateway';

/** Loaded only by the commands that need it: it is half of the time that a command takes to start. */
export function gatewayRoom(): Promise<typeof Gateway> {
  return import('@satway/gateway');
}
