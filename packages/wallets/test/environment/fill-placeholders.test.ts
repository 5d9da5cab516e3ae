import { fillPlaceholders } from '@satway/wallets/environment';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const ENV = { HOST: 'node', EMPTY: '', NESTED: '${HOST} $$ $HOST', YAML: 'a: b\n- "c"', DOLLARS: "$& $1 $` $'" };
const UNREADABLE =
  'holds a placeholder that cannot be read; write ${NAME} or ${NAME:-default}, and $$ for a dollar sign';

describe('placeholders', () => {
  it.each([
    ['https://${HOST}:8080', 'https://node:8080'],
    ['${HOST}${HOST}', 'nodenode'],
    ['${PORT:-8080}', '8080'],
    ['${EMPTY:-8080}', '8080'],
    ['${HOST:-other}', 'node'],
    ['${EMPTY:-}', ''],
    ['${PORT:-a:-b c}', 'a:-b c'],
    ['$${HOST}', '${HOST}'],
    ['$$$${HOST}', '$${HOST}'],
    ['$$${HOST}', '$node'],
    ['costs $5, $HOST', 'costs $5, $HOST'],
    ['', ''],
  ])('turn %j into %j', (text, filled) => {
    expect(fillPlaceholders(text, ENV)).toEqual({ ok: true, text: filled });
  });

  it('put values in as they are, and never look at them again', () => {
    expect(fillPlaceholders('${NESTED}', ENV)).toEqual({ ok: true, text: '${HOST} $$ $HOST' });
    expect(fillPlaceholders('<${DOLLARS}>', ENV)).toEqual({ ok: true, text: "<$& $1 $` $'>" });
    expect(fillPlaceholders('${YAML}', ENV)).toEqual({ ok: true, text: 'a: b\n- "c"' });
  });

  it.each([
    ['${PORT}', ['names the variable PORT, which is not set']],
    ['${EMPTY}', ['names the variable EMPTY, which is not set']],
    ['${A}-${B}-${A}', ['names the variable A, which is not set', 'names the variable B, which is not set']],
    ['${__proto__}', ['names the variable __proto__, which is not set']],
    ['${toString}', ['names the variable toString, which is not set']],
    ['${HOST', [UNREADABLE]],
    ['${}', [UNREADABLE]],
    ['${ HOST }', [UNREADABLE]],
    ['${HOST-x}', [UNREADABLE]],
    ['${1A}', [UNREADABLE]],
    ['${PORT:-${HOST}}', [UNREADABLE]],
  ])('that cannot be filled are mistakes: %j', (text, mistakes) => {
    expect(fillPlaceholders(text, ENV)).toEqual({ ok: false, mistakes });
  });

  it('give any value back exactly, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (VALUE) => {
        expect(fillPlaceholders('a${VALUE}b', { VALUE })).toEqual({ ok: true, text: `a${VALUE}b` });
      }),
    );
  });

  it('can stand for any text at all once its dollar signs are doubled', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('$', '{', '}', 'A', ':-') }), (text) => {
        expect(fillPlaceholders(text.replaceAll('$', '$$$$'), {})).toEqual({ ok: true, text });
      }),
    );
  });

  it('are read in linear time', () => {
    for (const piece of ['${', '$', '${A', '${A:-', '${A:-}', '}']) {
      expect(fillPlaceholders(piece.repeat(200_000), {})).toHaveProperty('ok');
    }
  });
});
