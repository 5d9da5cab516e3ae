import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, toolArgsDigestHex, toolResource } from '../../src/index.js';

const textOf = (value: unknown): string | null => {
  const result = canonicalJson(value);
  return result.ok ? result.value : null;
};

describe('canonical JSON', () => {
  it('is the example of RFC 8785', () => {
    const value = {
      numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"\u002f',
      literals: [null, true, false],
    };
    expect(textOf(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('sorts members by UTF-16 code units, as RFC 8785 shows it', () => {
    const value = JSON.parse(
      '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\\ud83d\\ude00":"Emoji: Grinning Face","\\u0080":"Control","\\u00f6":"Latin Small Letter O With Diaeresis"}',
    ) as Record<string, string>;
    expect(textOf(value)).toBe(
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign","😀":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    );
  });

  it.each([
    ['a number that is not finite', [Number.NaN]],
    ['infinity', { a: Number.POSITIVE_INFINITY }],
    ['half a surrogate pair', 'a\ud800'],
    ['half a surrogate pair in a name', { '\udc00': 1 }],
    ['a big integer', 1n],
    ['a function', () => 1],
    ['a date', new Date(0)],
    ['nothing in a list', [undefined]],
  ])('has no form for %s', (_, value) => {
    expect(canonicalJson(value)).toMatchObject({ ok: false, code: 'JSON_NOT_CANONICAL' });
  });

  it('has no form for brackets without end, and does not break on them', () => {
    let nested: unknown = 1;
    for (let depth = 0; depth < 100_000; depth += 1) nested = [nested];
    expect(canonicalJson(nested)).toMatchObject({ ok: false });
  });

  it('means the same as the value, and does not depend on the order in which members were written', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = textOf(value);
        if (text === null) return;
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(textOf(backwards(value))).toBe(text);
      }),
    );
  });
});

describe('the digest of a tool call', () => {
  it('covers server, tool and arguments', () => {
    const call = { server: 'weather', tool: 'forecast', arguments: { z: [1, true, null], city: 'Zürich', a: 1e-7 } };
    expect(toolArgsDigestHex(call)).toEqual({
      ok: true,
      value: '21b99160e0b78a3b46430aedf332daf927a0923be05ebc9b71fe5bcf65d2ad5b',
    });
    expect(toolArgsDigestHex({ server: 'weather', tool: 'forecast', arguments: undefined })).toEqual({
      ok: true,
      value: 'a9de0c631ce533a725c78fde736565cb4ae62c6e35bab26fb253d7eb3fc6252b',
    });
  });

  it('names no resource but its own, whatever the names', () => {
    expect(toolResource({ server: 'weather', tool: 'forecast' })).toBe('mcp://weather/forecast');
    expect(toolResource({ server: 'a/b', tool: 'c?d #' })).toBe('mcp://a%2Fb/c%3Fd%20%23');
  });
});

function backwards(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(backwards);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, member]) => [name, backwards(member)]),
  );
}
