import { SatwayError } from '@satway/base';
import { satwayHome } from '@satway/client';
import { z } from 'zod';
import type { KnownSeller, McpSettings } from './settings.js';

/** The variables that set something here; those of wallets and of the door out are read in their own rooms. */
export const MCP_VARIABLES = [
  'BUDGET_SATS',
  'MAX_AUTO_PAY_SATS',
  'MAX_SPEND_PER_MINUTE_SATS',
  'MAX_SPEND_PER_DAY_SATS',
  'WALLET_BALANCE_BELOW_SATS',
  'TRANSPORT',
  'PORT',
  'BIND_ADDRESS',
  'CORS_ORIGIN',
  'MCP_AUTH_TOKEN',
  'MCP_ALLOWED_HOSTS',
  'SATWAY_HOME',
  'SATWAY_DIRECTORY',
  'SATWAY_SELLERS',
  'SATWAY_MCP_SERVERS',
  'SATWAY_WEBHOOK_URL',
  'SATWAY_WEBHOOK_SECRET',
  'SATWAY_ANSWER_WITHIN_SECONDS',
  'SATWAY_EXCHANGE_WITHIN_SECONDS',
  'SATWAY_MAX_SHOWN_CHARS',
] as const;

/** Those of them that hold a secret. */
export const MCP_SECRET_VARIABLES = ['MCP_AUTH_TOKEN', 'SATWAY_WEBHOOK_SECRET'] as const;

const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Whether a text can be a seller's name. */
export function isSlug(text: string): boolean {
  return SLUG.test(text);
}

const whole = (least: number, most: number, unit: string) =>
  z
    .string()
    .regex(/^\d{1,16}$/, `must be a whole number of ${unit}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must lie between ${least} and ${most} ${unit}`);

/** The most that is still exact in millisatoshis. */
const MAX_SATS = Math.floor(Number.MAX_SAFE_INTEGER / 1000);
const sats = whole(0, MAX_SATS, 'satoshis');

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== ''),
);

/** An address without password, query and fragment; the slash at its end does not count. */
function baseUrlOf(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain = url?.username === '' && url.password === '' && url.search === '' && url.hash === '';
  return url !== null && isPlain && /^https?:$/.test(url.protocol) ? url.href.replace(/\/+$/, '') : null;
}

const urls = list.transform((entries, issues) =>
  entries.map((entry) => {
    const url = baseUrlOf(entry);
    if (url === null) issues.addIssue({ code: 'custom', message: 'must list http or https URLs, with commas between' });
    return url ?? '';
  }),
);

const sellers = list.transform((entries, issues): KnownSeller[] => {
  const read = entries.map((entry) => sellerOf(entry));
  if (read.includes(null)) {
    issues.addIssue({ code: 'custom', message: 'must list slug=https://… entries, with commas between' });
  }
  const known = read.filter((seller) => seller !== null);
  if (new Set(known.map(({ slug }) => slug)).size < known.length) {
    issues.addIssue({ code: 'custom', message: 'names one slug twice' });
  }
  return known;
});

function sellerOf(entry: string): KnownSeller | null {
  const at = entry.indexOf('=');
  const slug = entry.slice(0, at);
  const baseUrl = baseUrlOf(entry.slice(at + 1));
  return at > 0 && isSlug(slug) && baseUrl !== null ? { slug, baseUrl } : null;
}

/** Unlike a base URL it may have a query: many receivers know their sender by it. */
function isWebhookUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
}

const corsOrigin = z
  .string()
  .refine((text) => text === '*' || (URL.canParse(text) && new URL(text).origin === text), 'must be one origin, or *');

const variables = z.object({
  BUDGET_SATS: sats.nullable().default(null),
  MAX_AUTO_PAY_SATS: sats.default(1_000),
  MAX_SPEND_PER_MINUTE_SATS: sats.default(10_000),
  MAX_SPEND_PER_DAY_SATS: sats.default(5_000),
  WALLET_BALANCE_BELOW_SATS: whole(1, MAX_SATS, 'satoshis').nullable().default(null),
  TRANSPORT: z.enum(['stdio', 'http'], 'must be stdio or http').default('stdio'),
  PORT: whole(0, 65_535, 'ports').default(3402),
  BIND_ADDRESS: z
    .string()
    .regex(/^[\w.:-]{1,253}$/, 'must be an address of this machine')
    .default('127.0.0.1'),
  CORS_ORIGIN: corsOrigin.nullable().default(null),
  MCP_AUTH_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{32,512}$/, 'must be 32 to 512 visible characters')
    .nullable()
    .default(null),
  MCP_ALLOWED_HOSTS: list.default([]),
  SATWAY_HOME: z.string().optional(),
  SATWAY_DIRECTORY: urls.default([]),
  SATWAY_SELLERS: sellers.default([]),
  SATWAY_MCP_SERVERS: z.string().nullable().default(null),
  SATWAY_WEBHOOK_URL: z
    .string()
    .refine(isWebhookUrl, 'must be an http or https URL without a password')
    .nullable()
    .default(null),
  SATWAY_WEBHOOK_SECRET: z.string().min(16, 'must be at least 16 characters').nullable().default(null),
  SATWAY_ANSWER_WITHIN_SECONDS: whole(1, 600, 'seconds').default(55),
  SATWAY_EXCHANGE_WITHIN_SECONDS: whole(1, 600, 'seconds').default(30),
  SATWAY_MAX_SHOWN_CHARS: whole(500, 200_000, 'characters').default(20_000),
});

/**
 * Reads the settings; a variable that is empty counts as not set.
 *
 * @throws {SatwayError} `MCP_SETTINGS_INVALID` with every mistake at once; names variables, never values.
 */
export function readMcpSettings(environment: NodeJS.ProcessEnv): McpSettings {
  const set = MCP_VARIABLES.map((name) => [name, environment[name]?.trim() ?? ''] as const);
  const given = Object.fromEntries(set.filter(([, value]) => value !== ''));
  const parsed = variables.safeParse(given);
  const wrong = parsed.error?.issues.map(({ path, message }) => `${String(path[0])} ${message}.`) ?? [];
  const mistakes = [...new Set([...wrong, ...contradictionsIn(given)])];
  if (parsed.success && mistakes.length === 0) return toSettings(parsed.data);
  throw new SatwayError('MCP_SETTINGS_INVALID', { detail: mistakes.join(' ') });
}

function contradictionsIn(given: Readonly<Record<string, string>>): string[] {
  const isHalf = (given['SATWAY_WEBHOOK_URL'] === undefined) !== (given['SATWAY_WEBHOOK_SECRET'] === undefined);
  return isHalf ? ['SATWAY_WEBHOOK_URL and SATWAY_WEBHOOK_SECRET must be set together.'] : [];
}

function toSettings(read: z.infer<typeof variables>): McpSettings {
  return {
    budgetSats: read.BUDGET_SATS,
    maxAutoPaySats: read.MAX_AUTO_PAY_SATS,
    maxSpendPerMinuteSats: read.MAX_SPEND_PER_MINUTE_SATS,
    maxSpendPerDaySats: read.MAX_SPEND_PER_DAY_SATS,
    walletBalanceBelowSats: read.WALLET_BALANCE_BELOW_SATS,
    transport: read.TRANSPORT,
    port: read.PORT,
    bindAddress: read.BIND_ADDRESS,
    corsOrigin: read.CORS_ORIGIN,
    authToken: read.MCP_AUTH_TOKEN,
    allowedHosts: read.MCP_ALLOWED_HOSTS,
    home: satwayHome({ SATWAY_HOME: read.SATWAY_HOME }),
    directories: read.SATWAY_DIRECTORY,
    sellers: read.SATWAY_SELLERS,
    mcpServersFile: read.SATWAY_MCP_SERVERS,
    webhook: webhookOf(read.SATWAY_WEBHOOK_URL, read.SATWAY_WEBHOOK_SECRET),
    answerWithinMs: read.SATWAY_ANSWER_WITHIN_SECONDS * 1000,
    exchangeWithinMs: read.SATWAY_EXCHANGE_WITHIN_SECONDS * 1000,
    maxShownChars: read.SATWAY_MAX_SHOWN_CHARS,
  };
}

function webhookOf(url: string | null, secret: string | null): McpSettings['webhook'] {
  return url === null || secret === null ? null : { url, secret };
}
