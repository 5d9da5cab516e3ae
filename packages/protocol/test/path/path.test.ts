import { canonicalizePath, parsePathPrefix, pathPrefixCovers } from '@satway/protocol';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

function canonical(target: string): readonly string[] | string {
  const path = canonicalizePath(target);
  return path.ok ? [path.value.forward, path.value.match, path.value.query] : path.code;
}

describe('canonicalizePath', () => {
  it.each([
    ['/', ['/', '/', '']],
    ['/v1/Forecast/Berlin', ['/v1/Forecast/Berlin', '/v1/forecast/berlin', '']],
    ['/v1/', ['/v1/', '/v1', '']],
    ['/v1/a?x=1&y=%2F;z', ['/v1/a', '/v1/a', 'x=1&y=%2F;z']],
    ['/v1?', ['/v1', '/v1', '']],
    ['/v1?a?b', ['/v1', '/v1', 'a?b']],
    ['//v1///a', ['/v1/a', '/v1/a', '']],
    ['/./v1/./a/.', ['/v1/a/', '/v1/a', '']],
    ['/v1/x/../a', ['/v1/a', '/v1/a', '']],
    ['/v1/x/..', ['/v1/', '/v1', '']],
    ['/x/..', ['/', '/', '']],
    ['/...', ['/...', '/...', '']],
    ['/.well-known/x', ['/.well-known/x', '/.well-known/x', '']],
    ['/%76%31/%7Euser', ['/v1/~user', '/v1/~user', '']],
    ['/S%c3%a3o', ['/S%C3%A3o', '/s%c3%a3o', '']],
    ['/a%20b', ['/a%20b', '/a%20b', '']],
    ['/%252f', ['/%252f', '/%252f', '']],
    ['/%25%32%66', ['/%252f', '/%252f', '']],
    ['/to%E2%84%AAen', ['/to%E2%84%AAen', '/to%e2%84%aaen', '']],
    ['/%40gold/%3Aid/a%2Bb', ['/%40gold/%3Aid/a%2Bb', '/@gold/:id/a+b', '']],
    ['/a%3Fb%23c', ['/a%3Fb%23c', '/a%3fb%23c', '']],
    ['/__proto__', ['/__proto__', '/__proto__', '']],
  ])('reads %s', (target, expected) => {
    expect(canonical(target)).toEqual(expected);
  });

  it.each([
    [''],
    ['*'],
    ['v1'],
    ['http://host/v1'],
    ['host:80'],
    ['?a'],
    ['/a%2fb'],
    ['/a%2Fb'],
    ['/..%2f..%2fetc'],
    ['/a%5cb'],
    ['/a\\b'],
    ['/a%2e'],
    ['/%2e%2e/b'],
    ['/.%2E/b'],
    ['/a%00'],
    ['/a%0d%0ab'],
    ['/a%7f'],
    ['/a;b'],
    ['/a;v=1/../b'],
    ['/a%3Bb'],
    ['/a\u0000'],
    ['/a\tb'],
    ['/a\nb'],
    ['/a b'],
    ['/a%'],
    ['/a%4'],
    ['/a%zz'],
    ['/a%+1'],
    ['/%ff'],
    ['/%c0%af'],
    ['/%ed%a0%80'],
    ['/%f4%90%80%80'],
    ['/S\u00e3o'],
    ['/\ud800'],
    ['/a#b'],
    ['/a"b'],
    ['/<a>'],
    ['/..'],
    ['/../a'],
    ['/a/../../b'],
    ['/a?b#c'],
    ['/a?b c'],
    ['/a?b\r\nX: y'],
    ['/a?\u00e9'],
    [`/${'a'.repeat(65_536)}`],
  ])('refuses %j', (target) => {
    expect(canonical(target)).toBe('PATH_REFUSED');
  });

  it('gives a canonical path back as it is', () => {
    const pieces = fc.constantFrom(
      '/',
      '//',
      '.',
      '..',
      'a',
      'B',
      '%41',
      '%2E',
      '%c3%a9',
      '%40',
      '@',
      '~',
      '%7e',
      'x',
      '%20',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const first = canonicalizePath(`/${parts.join('')}`);
        fc.pre(first.ok);
        expect(canonical(first.value.forward)).toEqual([first.value.forward, first.value.match, '']);
        expect(first.value.forward).not.toMatch(/\/\/|\/\.{1,2}(\/|$)|%2[eEfF]|;|\\/);
      }),
      { numRuns: 1000 },
    );
  });

  it('finds one price for every spelling of a path', () => {
    const path = '/v1/forecast/today';
    const spelled = fc.array(fc.constantFrom('plain', 'upper', 'escape', 'upperEscape'), {
      minLength: path.length,
      maxLength: path.length,
    });
    fc.assert(
      fc.property(spelled, fc.constantFrom('', '/', '/.', '/x/..', '//'), (ways, tail) => {
        const respelled = [...path].map((character, index) => {
          if (character === '/') return ways[index] === 'plain' ? '/' : '/./';
          const one = ways[index]?.startsWith('upper') ? character.toUpperCase() : character;
          const code = one.charCodeAt(0).toString(16);
          return ways[index] === 'escape' || ways[index] === 'upperEscape' ? `%${code}` : one;
        });
        expect(canonical(`${respelled.join('')}${tail}`)).toMatchObject([expect.any(String), path, '']);
      }),
    );
  });

  it('answers any text with a value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (text) => {
        for (const target of [text, `/${text}`, `/%${text}`]) {
          const path = canonicalizePath(target);
          expect(path.ok || path.code === 'PATH_REFUSED').toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a path prefix', () => {
  it.each([
    ['/', '/'],
    ['/v1/search', '/v1/search'],
    ['/v1/search/', '/v1/search'],
    ['/v1/./search/.', '/v1/search'],
    ['/S%C3%A3o', '/São'],
    ['/%76%31', '/v1'],
    ['/a%20b', '/a b'],
    ['/%2561', '/%61'],
  ])('of %s is %s', (text, expected) => {
    expect(parsePathPrefix(text)).toEqual({ ok: true, value: expected });
  });

  it.each([
    '',
    'v1',
    '/v1/..',
    '/v1/../x',
    '/..%2fx',
    '/%2e%2e/x',
    '/a\\b',
    '/a%5cb',
    '//a',
    '/a//b',
    '/a%2f%2fb',
    'http://a/',
    '/http://a',
    '/%',
    '/%ff',
    '/a%00',
    '/a\n',
  ])('refuses %j', (text) => {
    expect(parsePathPrefix(text)).toMatchObject({ ok: false, code: 'PATH_PREFIX_REFUSED' });
  });

  it.each([
    ['/', '/anything', true],
    ['/v1/search', '/v1/search', true],
    ['/v1/search', '/v1/search/', true],
    ['/v1/search', '/v1/search/deep', true],
    ['/v1/search/', '/v1/search', true],
    ['/v1/search', '/v1/searchx', false],
    ['/v1/search', '/v1', false],
    ['/v1/search', '/V1/search', false],
    ['/v1/search', '/v1/x/../search', true],
    ['/v1/search', '/v1/search/../secret', false],
    ['/v1/search', '//v1//search', true],
    ['/v1/search', '/v1/%73earch/a', true],
    ['/S%C3%A3o', '/S%c3%a3o/x', true],
    ['/a%20b', '/a%20b', true],
  ])('%s: is %s covered? %s', (text, target, expected) => {
    const prefix = parsePathPrefix(text);
    const path = canonicalizePath(target);
    if (!prefix.ok || !path.ok) throw new TypeError('the test is wrong');
    expect(pathPrefixCovers(prefix.value, path.value)).toBe(expected);
  });

  it('of any text gives a value, and what it gives reads the same again once encoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const prefix = parsePathPrefix(`/${text}`);
        const isRight = prefix.ok
          ? parsePathPrefix(encodeURI(prefix.value).replaceAll('#', '%23')).ok
          : prefix.code === 'PATH_PREFIX_REFUSED';
        expect(isRight).toBe(true);
      }),
    );
  });
});
