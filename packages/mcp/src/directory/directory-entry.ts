import { z } from 'zod';
import { isSlug } from '../settings/index.js';

/** A seller as a directory lists it. Names and descriptions are a stranger's. */
export interface DirectoryEntry {
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly baseUrl: string;
  readonly tags: readonly string[];
  /** The lowest price that is named; `null` where none is. */
  readonly priceMsat: number | null;
  /** Who lists it. */
  readonly source: string;
}

const text = (most: number) => z.string().transform((value) => value.slice(0, most));
const amount = z
  .number()
  .nonnegative()
  .max(Number.MAX_SAFE_INTEGER / 1000);

/** As long as a tool takes one. */
const MAX_ADDRESS_CHARS = 8192;

/** Under which directories name the place to call, the surest first. */
const ADDRESS_NAMES = ['baseUrl', 'base_url', 'gatewayUrl', 'gateway_url', 'url', 'endpoint'] as const;
const ADDRESSES = z.object(
  Object.fromEntries(ADDRESS_NAMES.map((name) => [name, z.string().optional().catch(undefined)])),
);

const entry = z.object({
  slug: z.string().refine(isSlug),
  name: text(200).optional(),
  title: text(200).optional(),
  description: text(1000).optional(),
  tags: z.array(text(50)).max(50).optional(),
  priceMsat: amount.optional(),
  priceSats: amount.optional(),
  price_sats: amount.optional(),
});

/** What cannot be read of a listing is left out; so is an entry that names no place to call. */
export function readEntry(value: unknown, source: string): DirectoryEntry | null {
  const read = entry.safeParse(value);
  if (!read.success) return null;
  const { slug, name, title, description = '', tags = [], priceMsat } = read.data;
  const priceSats = read.data.priceSats ?? read.data.price_sats;
  const baseUrl = addressIn(value);
  if (baseUrl === null) return null;
  const msat = priceMsat ?? (priceSats === undefined ? null : priceSats * 1000);
  return {
    slug,
    name: name ?? title ?? slug,
    description,
    baseUrl,
    tags,
    priceMsat: msat === null ? null : Math.round(msat),
    source,
  };
}

function addressIn(value: unknown): string | null {
  const named = ADDRESSES.safeParse(value).data ?? {};
  return plainUrl(ADDRESS_NAMES.map((name) => named[name]).find((each) => each !== undefined));
}

/** A list under one of the names that directories use, or a bare one. */
export function readEntries(document: unknown, source: string): DirectoryEntry[] {
  return listIn(document, ['entries', 'items', 'apis', 'services', 'results', 'data'])
    .slice(0, 500)
    .flatMap((value) => readEntry(value, source) ?? []);
}

/** The first list of these names in a document. */
export function listIn(document: unknown, names: readonly string[]): readonly unknown[] {
  if (Array.isArray(document)) return document;
  if (typeof document !== 'object' || document === null) return [];
  for (const name of names) {
    const value: unknown = Object.hasOwn(document, name) ? (document as Record<string, unknown>)[name] : undefined;
    if (Array.isArray(value)) return value;
  }
  return [];
}

/** An address to call: http or https, without name, password, query and fragment. */
function plainUrl(value: string | undefined): string | null {
  const url = value !== undefined && URL.canParse(value) ? new URL(value) : null;
  const isPlain = url?.username === '' && url.password === '' && url.search === '' && url.hash === '';
  const address = url !== null && isPlain && /^https?:$/.test(url.protocol) ? withoutLastSlashes(url.href) : null;
  return address !== null && address.length <= MAX_ADDRESS_CHARS ? address : null;
}

/** A loop: a pattern would look for the end from each slash of a stranger's megabyte. */
function withoutLastSlashes(address: string): string {
  let end = address.length;
  while (address[end - 1] === '/') end--;
  return address.slice(0, end);
}
