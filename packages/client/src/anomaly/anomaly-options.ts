import { SatwayError } from '@satway/base';
import { refuseUnknownOptions } from '../option-checks/index.js';

/** What is watched, and who is told besides `onEvent`. `{}` watches everything with the defaults. */
export interface AnomalyOptions {
  /** Tell of the first payment to a host. Default `true`. */
  readonly newHost?: boolean;
  /** Tell when a known thing costs so many times its last price, or as many times less. Default 1.5; above 1. */
  readonly priceFactor?: number | 'off';
  readonly spendingRate?: SpendingRateOptions | 'off';
  /** Tell when so much of a budget or a limit is used, and when all of it is. Default 0.8; above 0, at most 1. */
  readonly budgetShare?: number | 'off';
  /** Given one line of JSON for each anomaly, without a line end. Nothing it throws has any effect. */
  readonly log?: (line: string) => void;
  readonly webhook?: WebhookOptions;
}

/** When the last hour of a host counts as unusual. */
export interface SpendingRateOptions {
  /** So many times the busiest hour of the last 30 days. Default 3; at least 1. */
  readonly factor?: number;
  /** Below that, nothing is unusual: whole satoshis. Default 100. */
  readonly minSats?: number;
  /** So many hours with spending make a history. Default 3. */
  readonly minHours?: number;
  /** The same host is told of again after so long. Default 3,600,000. */
  readonly quietMs?: number;
}

/** Where anomalies are posted to. */
export interface WebhookOptions {
  /** Of your own choice, and so allowed to lie anywhere. */
  readonly url: string;
  /** Signs each body; at least 16 characters. */
  readonly secret: string;
  /** For one attempt. Default 10,000. */
  readonly timeoutMs?: number;
  /** Default 5. */
  readonly maxAttempts?: number;
  /** More than so many waiting are not taken. Default 100. */
  readonly maxQueued?: number;
}

/** The same, checked, defaults filled in; amounts are millisatoshis. */
export interface CheckedAnomaly {
  readonly newHost: boolean;
  readonly priceFactor: number | null;
  readonly spendingRate: {
    readonly factor: number;
    readonly minMsat: number;
    readonly minHours: number;
    readonly quietMs: number;
  } | null;
  readonly budgetShare: number | null;
  readonly log: (line: string) => void;
  readonly webhook: Required<WebhookOptions> | null;
}

/** @throws {SatwayError} `CLIENT_OPTIONS_INVALID`. */
export function checkAnomaly(options: AnomalyOptions): CheckedAnomaly {
  refuseUnknown('anomaly', options, ['newHost', 'priceFactor', 'spendingRate', 'budgetShare', 'log', 'webhook']);
  const { newHost = true, priceFactor = 1.5, budgetShare = 0.8, spendingRate = {}, log, webhook } = options;
  if (typeof newHost !== 'boolean') throw invalid('newHost');
  if (log !== undefined && typeof log !== 'function') throw invalid('log');
  return {
    newHost,
    priceFactor: priceFactor === 'off' ? null : number('priceFactor', priceFactor, 1.000_001, 1e6),
    budgetShare: budgetShare === 'off' ? null : number('budgetShare', budgetShare, 1e-6, 1),
    spendingRate: spendingRate === 'off' ? null : checkRate(spendingRate),
    log: log ?? (() => undefined),
    webhook: webhook === undefined ? null : checkWebhook(webhook),
  };
}

function checkRate(options: SpendingRateOptions): NonNullable<CheckedAnomaly['spendingRate']> {
  refuseUnknown('anomaly.spendingRate', options, ['factor', 'minSats', 'minHours', 'quietMs']);
  return {
    factor: number('spendingRate.factor', options.factor ?? 3, 1, 1e6),
    minMsat: 1000 * whole('spendingRate.minSats', options.minSats ?? 100, 0, 1e12),
    minHours: whole('spendingRate.minHours', options.minHours ?? 3, 0, 720),
    quietMs: whole('spendingRate.quietMs', options.quietMs ?? 3_600_000, 0, 1e12),
  };
}

function checkWebhook(options: WebhookOptions): Required<WebhookOptions> {
  refuseUnknown('anomaly.webhook', options, ['url', 'secret', 'timeoutMs', 'maxAttempts', 'maxQueued']);
  const { url, secret } = options;
  const isUrl = typeof url === 'string' && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
  if (!isUrl || new URL(url).username !== '' || new URL(url).password !== '') throw invalid('webhook.url');
  if (typeof secret !== 'string' || secret.length < 16) throw invalid('webhook.secret');
  return {
    url,
    secret,
    timeoutMs: whole('webhook.timeoutMs', options.timeoutMs ?? 10_000, 1, 600_000),
    maxAttempts: whole('webhook.maxAttempts', options.maxAttempts ?? 5, 1, 20),
    maxQueued: whole('webhook.maxQueued', options.maxQueued ?? 100, 1, 10_000),
  };
}

function refuseUnknown(path: string, given: object, known: readonly string[]): void {
  // Nothing at all is no object either: where it may be left out, it was.
  refuseUnknownOptions({ path, given: given ?? null, known });
}

function whole(option: string, value: number, least: number, most: number): number {
  if (!Number.isInteger(value)) throw invalid(option);
  return number(option, value, least, most);
}

function number(option: string, value: number, least: number, most: number): number {
  if (typeof value !== 'number' || !(value >= least && value <= most)) throw invalid(option);
  return value;
}

function invalid(option: string): SatwayError {
  return new SatwayError('CLIENT_OPTIONS_INVALID', { detail: `Option anomaly.${option}.` });
}
