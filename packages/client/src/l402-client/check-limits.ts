import { SatwayError } from '@satway/base';
import type { SpendingLimits } from '../budget/index.js';
import { satsToMsat } from './amounts.js';
import type { AllowAndDeny, ClientLimits } from './options.js';

/** What holds when nothing is configured, whole satoshis. */
const DEFAULT_LIMITS: ClientLimits = { perHostAndDaySats: 1_000, perDaySats: 5_000 };

/** @throws {SatwayError} `CLIENT_OPTIONS_INVALID`, `AMOUNT_OUT_OF_RANGE`. */
export function checkLimits(given: ClientLimits = {}): SpendingLimits {
  const msat = (name: keyof ClientLimits): number | null => {
    // What is left out keeps its default, also where it is there but undefined; only the word switches a limit off.
    const sats = given[name] === undefined ? (DEFAULT_LIMITS[name] ?? 'off') : given[name];
    return sats === 'off' ? null : satsToMsat(`limits.${name}`, sats);
  };
  return {
    perMinuteMsat: msat('perMinuteSats'),
    perHourMsat: msat('perHourSats'),
    perDayMsat: msat('perDaySats'),
    perHostAndDayMsat: msat('perHostAndDaySats'),
    perSessionMsat: msat('perSessionSats'),
  };
}

/** Whether somebody may be dealt with. */
export type Admission = (name: string) => boolean;

/** @throws {SatwayError} `CLIENT_OPTIONS_INVALID` for a host that is written otherwise than `host` or `host:port`. */
export function checkHosts(lists: AllowAndDeny = {}): Admission {
  return admissionOf(arraysIn('hosts', lists), hostOf, (entry, host) => entry === host || entry === withoutPort(host));
}

/** @throws {SatwayError} `CLIENT_OPTIONS_INVALID` for what is no public key. */
export function checkPayees(lists: AllowAndDeny = {}): Admission {
  return admissionOf(arraysIn('payees', lists), payeeOf, (entry, payee) => entry === payee);
}

/** A text, or a set, would be read in another way than it was meant. */
function arraysIn(option: string, lists: AllowAndDeny): AllowAndDeny {
  for (const name of ['allow', 'deny'] as const) {
    if (lists[name] !== undefined && !Array.isArray(lists[name])) throw invalid(`${option}.${name}`);
  }
  return lists;
}

function admissionOf(
  { allow, deny = [] }: AllowAndDeny,
  read: (entry: string) => string,
  matches: (entry: string, name: string) => boolean,
): Admission {
  const allowed = allow?.map(read);
  const denied = deny.map(read);
  return (name) =>
    !denied.some((entry) => matches(entry, name)) &&
    (allowed === undefined || allowed.some((entry) => matches(entry, name)));
}

function hostOf(entry: string): string {
  const url = typeof entry === 'string' && URL.canParse(`https://${entry}`) ? new URL(`https://${entry}`) : null;
  if (url === null || url.hostname === '' || url.href !== `https://${url.host}/`) throw invalid('hosts');
  // A URL hides the port that is usual for its scheme, so it is read from what was written.
  const port = /:(\d+)$/.exec(entry)?.[1];
  const hostname = withoutRootDot(url.hostname);
  return port === undefined ? hostname : `${hostname}:${Number(port)}`;
}

/** The dot at the end says "from the root", and names the same host. */
function withoutRootDot(hostname: string): string {
  return hostname.replace(/\.$/, '');
}

function withoutPort(host: string): string {
  return host.replace(/:\d+$/, '');
}

/** As the lists of hosts are asked: with its port, whatever it is. */
export function hostWithPort(origin: string): string {
  const { hostname, port, protocol } = new URL(origin);
  return `${withoutRootDot(hostname)}:${port === '' ? (protocol === 'https:' ? '443' : '80') : port}`;
}

function payeeOf(entry: string): string {
  if (typeof entry === 'string' && /^0[23][0-9a-fA-F]{64}$/.test(entry)) return entry.toLowerCase();
  throw invalid('payees');
}

function invalid(option: string): SatwayError {
  return new SatwayError('CLIENT_OPTIONS_INVALID', { detail: `Option ${option}.` });
}
