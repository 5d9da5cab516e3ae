import { readFileSync } from 'node:fs';
import { errorTable } from '@satway/base';
import { describe, expect, it } from 'vitest';

const docs = readFileSync(new URL('../../../../docs/wrappers.md', import.meta.url), 'utf8');
const rows = [...docs.matchAll(/^\| `([A-Z_]+)` \| (no|yes|unknown) \|/gm)].map(([, code = '', funds]) => ({
  code,
  funds,
}));

describe('the errors in docs/wrappers.md', () => {
  it('are there', () => {
    expect(rows.length).toBeGreaterThan(10);
  });

  it.each(rows)('$code says of the money what the table says', ({ code, funds }) => {
    expect(new Map(Object.entries(errorTable)).get(code)?.fundsMoved).toBe(funds);
  });
});
