import { type AskedThing, bindingOf, isUrlScope, whatItMayDependOn } from '../offer/scope.js';
import type { Database } from '../store/database.js';
import { dropSurplus } from '../store/drop-surplus.js';
import { text } from '../store/row.js';

/** A place at which something is sold, and what was asked for there. */
export type KnownPlace = Omit<AskedThing, 'url'> & { readonly origin: string; readonly path: string };

/** What stands for a path that was learnt before. */
const REPLACE = 'DO UPDATE SET scope = excluded.scope';

/**
 * Remembers as what a path was sold: once for what depends on the place alone, and once for each body, query or arguments on which it depended. With `keep` an earlier
 * word stands. Of too many, those are forgotten that were learnt first.
 */
export function learnPath(
  database: Database,
  place: KnownPlace,
  scope: string,
  earlier: 'keep' | 'replace' = 'replace',
): void {
  if (isUrlScope(scope)) return;
  const { origin, method, path } = place;
  const onConflict = earlier === 'keep' ? 'DO NOTHING' : REPLACE;
  database.run(
    `INSERT INTO known_paths (origin, method, path, bound_to, scope) VALUES (?, ?, ?, ?, ?) ON CONFLICT ${onConflict}`,
    origin,
    method,
    path,
    bindingOf(scope, place),
    scope,
  );
  dropSurplus(database, { table: 'known_paths', key: 'rowid', first: 'rowid' });
}

/** Every scope under which this very thing was sold before, the narrowest first. */
export function scopesFor(database: Database, origin: string, thing: AskedThing): string[] {
  const rows = database.all(
    `SELECT scope FROM known_paths WHERE origin = ? AND method = ? AND path = ? AND bound_to IN (SELECT value FROM json_each(?))
       ORDER BY LENGTH(bound_to) DESC`,
    origin,
    thing.method,
    new URL(thing.url).pathname,
    JSON.stringify(whatItMayDependOn(thing)),
  );
  return rows.map((row) => text(row, 'scope'));
}
