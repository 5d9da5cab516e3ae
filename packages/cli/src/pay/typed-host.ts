import { addressPolicyFromEnvironment, type AddressPolicyOptions } from '@satway/egress';

/**
 * The address policy for a URL that a person typed: its very host and port may be private, since the person chose them; where it sends on to is
 * nobody's choice but the server's.
 */
export function policyForTyped(url: string): AddressPolicyOptions {
  const policy = addressPolicyFromEnvironment(process.env);
  return { ...policy, allowHosts: [...(policy.allowHosts ?? []), ...typedHosts(url)] };
}

/** `host:port` of a URL; none where it cannot be read, which is for whoever sends to say. */
export function typedHosts(url: string): string[] {
  const target = URL.canParse(url) ? new URL(url) : null;
  if (target === null || target.hostname === '') return [];
  const port = target.port === '' ? (target.protocol === 'https:' ? '443' : '80') : target.port;
  return [`${target.hostname}:${port}`];
}
