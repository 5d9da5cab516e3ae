import type { Database } from '../store/database.js';
import { dropSurplus } from '../store/drop-surplus.js';
import { text } from '../store/row.js';

/** What stands for a path that was learnt before. */
const REPLACE = 'DO UPDATE SET scope = excluded.scope';

/** Remembers what a path was sold as; with `keep` an earlier word stands. Of too many paths, those are forgotten that were learnt first. */
export function learnPath(
  database: Database,
  { origin, method, path }: { readonly origin: string; readonly method: string; readonly path: string },
  scope: string,
  earlier: 'keep' | 'replace' = 'replace',
): void {
  const onConflict = earlier === 'keep' ? 'DO NOTHING' : REPLACE;
  database.run(`INSERT INTO known_paths VALUES (?, ?, ?, ?) ON CONFLICT ${onConflict}`, origin, method, path, scope);
  dropSurplus(database, { table: 'known_paths', key: 'rowid', first: 'rowid' });
}

export function scopeOf(database: Database, origin: string, method: string, path: string): string | null {
  const row = database.get(
    'SELECT scope FROM known_paths WHERE origin = ? AND method = ? AND path = ?',
    origin,
    method,
    path,
  );
  return row === undefined ? null : text(row, 'scope');
}
