import type { AddressPolicyOptions } from './address-policy.js';

/** The variables by which a person says what may be reached. */
export interface EgressEnvironment {
  /** Comma-separated `host` or `host:port` that may be private. */
  readonly SATWAY_ALLOW_HOSTS?: string | undefined;
  /** `true` switches the address policy off, for development. */
  readonly SSRF_ALLOW_PRIVATE?: string | undefined;
}

let hasWarned = false;

/** Reads the address policy of this process; says loudly, once, when there is none. */
export function addressPolicyFromEnvironment(environment: EgressEnvironment): AddressPolicyOptions {
  const allowHosts = (environment.SATWAY_ALLOW_HOSTS ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  const allowPrivate = environment.SSRF_ALLOW_PRIVATE?.trim().toLowerCase() === 'true';
  if (allowPrivate) warn();
  return { allowHosts, allowPrivate };
}

function warn(): void {
  if (hasWarned) return;
  hasWarned = true;
  // Not a warning of the runtime, which can be switched off for reasons that have nothing to do with this.
  process.stderr.write(
    'satway: warning: SSRF_ALLOW_PRIVATE=true: every address can be reached, this machine and its network included. For development only.\n',
  );
}
