import { isLoopbackAddress } from './loopback.js';
import type { CallRequest } from '../data-plane/index.js';

/** A proxy in front adds one of these; what looks local then is not. */
const FORWARDING = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'] as const;

/** `localhost:8402`, `127.0.0.1`, `[::1]:8402`: whoever is on this machine and comes for the gateway itself. */
const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

/**
 * Whether `/metrics` on the main listener may answer: to a caller on this machine, who comes directly and asks for this machine, and only while nothing
 * says that the gateway stands behind a proxy (a public address, trusted proxies). Figures about what a shop earns are not for everybody.
 *
 * A proxy on the same machine that nobody told us of hands the public name on in `Host`, or says which hop it is, or (nginx as it comes) speaks HTTP/1.0.
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
    if (request.httpVersion !== '1.1' || !LOOPBACK_HOST.test(request.headers.host ?? '')) return false;
    return isLoopbackAddress(request.socket.remoteAddress ?? '');
  };
}
