import type { BitcoinNetwork } from '@satway/wallets';
import { type Finding, fail, ok, warn, worstOf } from '../check.js';
import type { GatewayFacts } from '../facts/index.js';

const OLD_KEY_MS = 180 * 86_400_000;

/** A signing key that was never changed is one that a leak of long ago still opens. */
export function checkKeyAge(gateway: GatewayFacts | null, nowMs: number): Finding {
  if (gateway === null) return ok('No gateway is configured here, so there are no signing keys.');
  const { keys } = gateway;
  if (!keys.known) return fail(`The file of keys cannot be used: ${keys.why}`, 'Mend it; “satway keys list” shows it.');
  const newest = keys.value.find(({ signs }) => signs);
  const findings: Finding[] = keys.value
    .filter(({ verifyUntilMs }) => verifyUntilMs !== null && verifyUntilMs <= nowMs)
    .map(({ id }) =>
      warn(`Key ${id} verifies nothing any more and still stands in the file.`, 'Take it out of the file.'),
    );
  const days = Math.floor((nowMs - (newest?.createdAtMs ?? nowMs)) / 86_400_000);
  if (newest !== undefined && nowMs - newest.createdAtMs > OLD_KEY_MS) {
    findings.push(warn(`The signing key ${newest.id} is ${days} days old.`, 'Make a new one: satway keys new.'));
  }
  return worstOf(findings, ok(`The signing key is ${days} days old.`));
}

/** What a power cut or a restart does to the count of used payments. */
export function checkStore(gateway: GatewayFacts | null, networks: readonly (BitcoinNetwork | null)[]): Finding {
  if (gateway === null) return ok('No gateway is configured here, so it counts no payments.');
  const { store } = gateway;
  if (!store.known)
    return fail(`The configuration cannot be used: ${store.why}`, 'satway gateway --check says the same.');
  const { kind, acceptPowerLoss } = store.value;
  if (kind === 'postgres') return ok('Payments are counted in PostgreSQL.');
  const real = networks.some((network) => network === 'bitcoin');
  const advice = 'Use PostgreSQL: store: {kind: postgres, urlEnv: DATABASE_URL}.';
  if (!real) {
    const unsure = networks.length === 0 || networks.includes(null);
    return unsure
      ? warn(`The store is ${kind}, and it is not known whether the wallet is on mainnet.`, advice)
      : ok(`The store is ${kind}; the wallet holds test money.`);
  }
  if (kind === 'memory') return fail('The store is memory on mainnet: a restart forgets what was used.', advice);
  if (!acceptPowerLoss)
    return fail('The store is pglite on mainnet without acceptPowerLoss: the gateway will not start.', advice);
  return warn('The store is pglite on mainnet: a power cut can lose its last moments.', advice);
}
