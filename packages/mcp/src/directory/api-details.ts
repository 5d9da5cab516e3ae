import { z } from 'zod';
import { listIn } from './directory-entry.js';

/** One priced operation of a seller, in the seller's words. */
export interface ApiOperation {
  readonly method: string;
  readonly path: string;
  readonly description: string;
  readonly model: string | null;
  /** What it is announced to cost; only an invoice says what it costs. */
  readonly priceMsat: number | null;
}

/** What a seller says of itself. */
export interface ApiDetails {
  readonly name: string | null;
  readonly description: string | null;
  readonly operations: readonly ApiOperation[];
  /** Limits that a delegated credential may carry; `null` where nothing is announced. */
  readonly caveats: readonly string[] | null;
  /** Where it was read. */
  readonly document: string;
}

const MAX_OPERATIONS = 200;
const text = (most: number) => z.string().transform((value) => value.slice(0, most));
const amount = z
  .number()
  .nonnegative()
  .max(Number.MAX_SAFE_INTEGER / 1000);
const pricing = z.object({ model: text(50).optional(), priceSats: amount.optional(), priceMsat: amount.optional() });

const endpoint = z.object({
  method: z.string().max(20).optional(),
  path: z.string().max(500),
  description: text(500).optional(),
  summary: text(500).optional(),
  pricing: pricing.optional(),
  ...pricing.shape,
});

/** `/.well-known/l402-gateway.json`, and `/.well-known/l402-services`. */
export function readGatewayDocument(value: unknown, document: string): ApiDetails | null {
  const operations = listIn(value, ['endpoints', 'services'])
    .slice(0, MAX_OPERATIONS)
    .flatMap((each) => operationOf(each) ?? []);
  const named = z
    .object({
      name: text(200).optional().catch(undefined),
      description: text(2000).optional().catch(undefined),
      caveats: z.array(z.string().max(50)).max(64).optional().catch(undefined),
    })
    .safeParse(value);
  const { name = null, description = null, caveats = null } = named.data ?? {};
  if (operations.length === 0 && name === null && description === null && caveats === null) return null;
  return { name, description, operations, caveats, document };
}

function operationOf(value: unknown): ApiOperation | null {
  const read = endpoint.safeParse(value);
  if (!read.success) return null;
  const { method, path, description, summary, pricing: nested } = read.data;
  return {
    method: (method ?? 'GET').toUpperCase(),
    path,
    description: description ?? summary ?? '',
    ...priceOf(nested ?? read.data),
  };
}

function priceOf({ model, priceMsat, priceSats }: z.infer<typeof pricing>): Pick<ApiOperation, 'model' | 'priceMsat'> {
  const msat = priceMsat ?? (priceSats === undefined ? null : priceSats * 1000);
  return { model: model ?? null, priceMsat: msat === null ? null : Math.round(msat) };
}

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options'] as const;

const operation = z.object({
  summary: text(500).optional().catch(undefined),
  description: text(500).optional().catch(undefined),
  'x-l402-pricing': pricing.optional().catch(undefined),
});

const openApi = z.object({
  info: z
    .object({ title: text(200).optional().catch(undefined), description: text(2000).optional().catch(undefined) })
    .optional()
    .catch(undefined),
  paths: z.record(z.string().max(500), z.record(z.string(), z.unknown())),
});

/** An OpenAPI document, with `x-l402-pricing` where operations have a price. */
export function readOpenApi(value: unknown, document: string): ApiDetails | null {
  const read = openApi.safeParse(value);
  if (!read.success) return null;
  const operations = Object.entries(read.data.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => (Object.hasOwn(item, method) ? (apiOperation(method, path, item[method]) ?? []) : [])),
  );
  const { title = null, description = null } = read.data.info ?? {};
  return { name: title, description, operations: operations.slice(0, MAX_OPERATIONS), caveats: null, document };
}

function apiOperation(method: string, path: string, value: unknown): ApiOperation | null {
  const read = operation.safeParse(value);
  if (!read.success) return null;
  const { summary, description, 'x-l402-pricing': price = {} } = read.data;
  return { method: method.toUpperCase(), path, description: summary ?? description ?? '', ...priceOf(price) };
}
