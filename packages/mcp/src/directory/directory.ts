import { SatwayError } from '@satway/base';
import type { SatwayContext } from '../context/index.js';
import { isSlug, type KnownSeller } from '../settings/index.js';
import { type ApiDetails, readGatewayDocument, readOpenApi } from './api-details.js';
import { type DirectoryEntry, readEntries, readEntry } from './directory-entry.js';
import { fetchJson, unreadable } from './fetch-document.js';

type Parts = Pick<SatwayContext, 'settings' | 'egress'>;

/** Which sellers are looked for. */
export interface DirectorySearch {
  readonly query: string | null;
  readonly tag: string | null;
  readonly limit: number;
}

/** What was found, and which directories gave nothing. */
export interface DirectoryFindings {
  readonly entries: readonly DirectoryEntry[];
  readonly unreadable: readonly string[];
}

/** Those that the user named come first, then those of directories in their order. A directory that is away does not hide the others. */
export async function searchDirectories(
  parts: Parts,
  search: DirectorySearch,
  signal: AbortSignal,
): Promise<DirectoryFindings> {
  const { directories, sellers } = parts.settings;
  const asked = await Promise.all(directories.map((directory) => ask(parts, directory, search, signal)));
  const own = search.tag === null ? sellers.map(entryOf).filter((entry) => matches(entry, search.query)) : [];
  const entries = [...own, ...asked.flatMap((found) => found ?? [])];
  const bySlug = new Map(entries.toReversed().map((entry) => [entry.slug, entry]));
  const unique = entries.filter((entry) => bySlug.get(entry.slug) === entry);
  return {
    entries: unique.slice(0, search.limit),
    unreadable: directories.filter((_, index) => asked[index] === null).map((each) => new URL(each).host),
  };
}

/**
 * The seller of a slug: one that the user named, else what the first directory says that knows it.
 *
 * @throws {SatwayError} `MCP_SLUG_UNKNOWN`, `MCP_DIRECTORY_UNREADABLE` where a directory that might know it cannot be read.
 */
export async function sellerOf(parts: Parts, slug: string, signal: AbortSignal): Promise<KnownSeller> {
  if (!isSlug(slug)) throw new SatwayError('MCP_SLUG_UNKNOWN', { detail: 'It is no slug.' });
  const { directories, sellers } = parts.settings;
  const known = sellers.find((seller) => seller.slug === slug);
  if (known !== undefined) return known;
  for (const directory of directories) {
    const entry = await lookUp(parts, directory, slug, signal);
    if (entry !== null) return { slug, baseUrl: entry.baseUrl };
  }
  throw new SatwayError('MCP_SLUG_UNKNOWN');
}

/**
 * What the seller at this address says of itself; `null` where it says nothing that can be read. Its operations stand in the first document that has any; what that one
 * leaves out is taken from those before.
 */
export async function readApiDetails(
  parts: Pick<SatwayContext, 'egress'>,
  baseUrl: string,
  signal: AbortSignal,
): Promise<ApiDetails | null> {
  const { origin } = new URL(baseUrl);
  const documents = [
    ['/.well-known/l402-gateway.json', readGatewayDocument],
    ['/.well-known/openapi.json', readOpenApi],
    ['/openapi.json', readOpenApi],
    ['/.well-known/l402-services', readGatewayDocument],
  ] as const;
  let known: ApiDetails | null = null;
  for (const [path, read] of documents) {
    const found = await readIfThere(parts, `${origin}${path}`, signal);
    const details = found === null ? null : read(found, path);
    if (details !== null) known = completed(details, known);
    if (known !== null && known.operations.length > 0) return known;
  }
  return known;
}

function completed(details: ApiDetails, before: ApiDetails | null): ApiDetails {
  if (before === null) return details;
  if (details.operations.length === 0) return before;
  const { name, description, caveats } = details;
  return {
    ...details,
    name: name ?? before.name,
    description: description ?? before.description,
    caveats: caveats ?? before.caveats,
  };
}

/** One that is wrong is as good as none: the next may be there. What cannot be reached at all is told. */
async function readIfThere(parts: Pick<SatwayContext, 'egress'>, url: string, signal: AbortSignal): Promise<unknown> {
  try {
    return await fetchJson(parts, url, signal);
  } catch (error) {
    if (error instanceof SatwayError && error.code === 'MCP_DIRECTORY_UNREADABLE') return null;
    throw error;
  }
}

async function ask(
  parts: Parts,
  directory: string,
  { query, tag, limit }: DirectorySearch,
  signal: AbortSignal,
): Promise<DirectoryEntry[] | null> {
  const url = new URL(directoryUrl(directory));
  if (query !== null) url.searchParams.set('search', query);
  if (tag !== null) url.searchParams.set('tag', tag);
  url.searchParams.set('limit', String(limit));
  try {
    return readEntries(await fetchJson(parts, url.href, signal), new URL(directory).host);
  } catch (error) {
    if (error instanceof SatwayError) return null;
    throw error;
  }
}

async function lookUp(
  parts: Parts,
  directory: string,
  slug: string,
  signal: AbortSignal,
): Promise<DirectoryEntry | null> {
  const document = await fetchJson(parts, `${directoryUrl(directory)}/${slug}`, signal);
  if (document === null) return null;
  const entry = readEntry(document, new URL(directory).host);
  if (entry === null || entry.slug !== slug) throw unreadable('What it says of the slug cannot be read.');
  return entry;
}

/** `https://host` stands for `https://host/directory`. */
function directoryUrl(directory: string): string {
  return new URL(directory).pathname === '/' ? `${new URL(directory).origin}/directory` : directory;
}

function entryOf({ slug, baseUrl }: KnownSeller): DirectoryEntry {
  return { slug, name: slug, description: '', baseUrl, tags: [], priceMsat: null, source: 'settings' };
}

function matches({ slug, baseUrl }: DirectoryEntry, query: string | null): boolean {
  const words = (query ?? '').toLowerCase().split(/\s+/);
  return words.every((word) => slug.includes(word) || new URL(baseUrl).host.includes(word));
}
