import { SatwayError } from '@satway/base';
import { namesOf, type OptionGroup, refuseUnknownOptions } from '../option-checks/index.js';
import type {
  AllowAndDeny,
  ClientLimits,
  ClientWatchOptions,
  L402ClientOptions,
  PerCallOptions,
  SubClientOptions,
} from './options.js';

const OF_CLIENT = namesOf<keyof L402ClientOptions>({
  wallet: true,
  store: true,
  budgetSats: true,
  limits: true,
  hosts: true,
  payees: true,
  maxPerRequestSats: true,
  budgetId: true,
  approve: true,
  paidElsewhere: true,
  onEvent: true,
  hooks: true,
  anomaly: true,
  watch: true,
  allowHosts: true,
  egress: true,
  clock: true,
  random: true,
  exchangeTimeoutMs: true,
  hopTimeoutMs: true,
  paymentTimeoutMs: true,
  maxRequestBodyBytes: true,
  maxResponseBytes: true,
  maxChallengeBytes: true,
  maxFreeRetries: true,
  maxRetryWaitMs: true,
  feeCeilingMsat: true,
});

const OF_SUB_CLIENT = namesOf<keyof SubClientOptions>({
  budgetSats: true,
  budgetId: true,
  maxPerRequestSats: true,
  limits: true,
  hosts: true,
  payees: true,
  approve: true,
  onEvent: true,
  hooks: true,
});

const OF_LIMITS = namesOf<keyof ClientLimits>({
  perMinuteSats: true,
  perHourSats: true,
  perDaySats: true,
  perHostAndDaySats: true,
  perSessionSats: true,
});

const OF_LISTS = namesOf<keyof AllowAndDeny>({ allow: true, deny: true });

const OF_WATCH = namesOf<keyof ClientWatchOptions>({
  balanceBelowSats: true,
  everyMs: true,
  unreachableAfter: true,
  onEvent: true,
});

const OF_CALL = namesOf<keyof PerCallOptions>({ maxCostSats: true, approve: true });

type Nested = Pick<L402ClientOptions, 'limits' | 'hosts' | 'payees'>;

function nested(options: Nested | undefined): OptionGroup[] {
  const { limits, hosts, payees } = options ?? {};
  return [
    { path: 'limits', given: limits, known: OF_LIMITS },
    { path: 'hosts', given: hosts, known: OF_LISTS },
    { path: 'payees', given: payees, known: OF_LISTS },
  ];
}

/** @throws {SatwayError} `CLIENT_OPTIONS_INVALID`. */
export function refuseUnknownInClient(options: L402ClientOptions | undefined): void {
  const outermost = { path: '', given: options ?? null, known: OF_CLIENT };
  refuseUnknownOptions(outermost, ...nested(options), { path: 'watch', given: options?.watch, known: OF_WATCH });
}

/** A part without a budget of its own would be no part. @throws {SatwayError} `CLIENT_OPTIONS_INVALID`. */
export function refuseUnknownInSubClient(options: SubClientOptions | undefined): void {
  refuseUnknownOptions({ path: '', given: options ?? null, known: OF_SUB_CLIENT }, ...nested(options));
  if (options?.budgetSats === undefined) {
    throw new SatwayError('CLIENT_OPTIONS_INVALID', { detail: 'Option budgetSats.' });
  }
}

/** @throws {SatwayError} `CLIENT_OPTIONS_INVALID`. */
export function refuseUnknownInCall(perCall: PerCallOptions): void {
  refuseUnknownOptions({ path: '', given: perCall, known: OF_CALL });
}

/** What of a call's own limits stands among the options of the request, where nobody reads it. @throws {SatwayError} `CLIENT_OPTIONS_INVALID`. */
export function refuseMisplaced(init: RequestInit | undefined): void {
  const misplaced = OF_CALL.find((name) => typeof init === 'object' && Object.hasOwn(init ?? {}, name));
  if (misplaced === undefined) return;
  throw new SatwayError('CLIENT_OPTIONS_INVALID', {
    detail: `Option ${misplaced} belongs into the argument after it.`,
  });
}
