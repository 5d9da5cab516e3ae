import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The token of an Aperture client in its folder, under its name of today and the one before. */
export const TOKEN_NAMES = ['l402.token', 'lsat.token'] as const;

/** A token file and, where its folder tells, the host that it is for (`host` or `host:port`). */
export interface FoundToken {
  readonly path: string;
  readonly host: string | null;
}

/**
 * Finds the paid tokens at a place: a file; the folder of an Aperture client, with one of `TOKEN_NAMES` in it; or lnget's folder, with one such folder for
 * each host, in whose name `_` stands before the port. Pending ones are left out.
 *
 * @throws what the file system throws.
 */
export function findTokens(place: string): FoundToken[] {
  if (!statSync(place).isDirectory()) return [{ path: place, host: null }];
  const own = tokenIn(place);
  if (own !== null) return [{ path: own, host: null }];
  return readdirSync(place, { withFileTypes: true }).flatMap((entry) => {
    const path = entry.isDirectory() ? tokenIn(join(place, entry.name)) : null;
    return path === null ? [] : [{ path, host: entry.name.replace('_', ':') }];
  });
}

function tokenIn(folder: string): string | null {
  const paths = TOKEN_NAMES.map((name) => join(folder, name));
  return paths.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true) ?? null;
}

/** Where lnget keeps the token for an origin, below its folder of tokens. */
export function lngetPathOf(folder: string, origin: string): string {
  const { hostname, port } = new URL(origin);
  const isUsual = port === '' || port === '80' || port === '443';
  const name = isUsual ? hostname : `${hostname}_${port}`;
  return join(folder, name.replaceAll(':', '_').replaceAll(/[^A-Za-z0-9._-]/g, ''), TOKEN_NAMES[0]);
}
