import { isLoopbackAddress } from './loopback.js';
import type { CallRequest } from '../data-plane/index.js';

/** A proxy in front adds one of these; what looks local then is not. */
const FORWARDING = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'] as const;

/**
 * Whether `/metrics` on the main listener may answer: to a caller on this machine, who comes directly, and only while nothing says that
 * the gateway stands behind a proxy (a public address, trusted proxies). Figures about what a shop earns are not for everybody.
 */
export function createMetricsAudience(config: {
  readonly publicUrl: string | null;
  readonly admin: unknown;
  readonly trustedProxies: readonly string[];
}): (request: CallRequest) => boolean {
  const isBehindProxy = config.publicUrl !== null || config.trustedProxies.length > 0;
  if (isBehindProxy || config.admin !== null) return () => false;
  return function showsMetricsTo(request) {
    if (FORWARDING.some((name) => request.headers[name] !== undefined)) return false;
    return isLoopbackAddress(request.socket.remoteAddress ?? '');
  };
}
