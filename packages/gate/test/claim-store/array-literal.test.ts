import { PGlite } from '@electric-sql/pglite';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { byteaArray, plainArray, textArray } from '../../src/claim-store/sql/array-literal.js';

describe('array literals', () => {
  let database: PGlite;
  beforeAll(async () => {
    database = await PGlite.create();
  });
  afterAll(() => database.close());

  const readBack = async (literal: string, type: string): Promise<unknown> => {
    const { rows } = await database.query<{ list: unknown }>(`SELECT to_json($1::text::${type}[]) AS list`, [literal]);
    return rows[0]?.list;
  };

  test('are written as PostgreSQL writes them', () => {
    expect(plainArray([1, null, 'a'])).toBe('{1,NULL,a}');
    expect(byteaArray(['00ff', null])).toBe('{"\\\\x00ff",NULL}');
    expect(textArray(['say "x"', 'back\\slash', null, ''])).toBe('{"say \\"x\\"","back\\\\slash",NULL,""}');
  });

  test('carry any text through PostgreSQL unchanged', async () => {
    const text = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0'));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(text), { minLength: 1, maxLength: 8 }), async (texts) => {
        expect(await readBack(textArray(texts), 'text')).toEqual(texts);
      }),
    );
  });

  test('carry numbers up to the largest safe integer', async () => {
    const numbers = [0, Number.MAX_SAFE_INTEGER, null];
    expect(await readBack(plainArray(numbers), 'bigint')).toEqual(numbers);
  });

  test('carry any bytes', async () => {
    const hex = fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes).toString('hex'));
    await fc.assert(
      fc.asyncProperty(fc.array(hex, { minLength: 1, maxLength: 6 }), async (hexes) => {
        expect(await readBack(byteaArray(hexes), 'bytea')).toEqual(hexes.map((value) => `\\x${value}`));
      }),
    );
  });
});
