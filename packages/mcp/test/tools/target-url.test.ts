import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { targetOfPath, targetOfUrl } from '../../src/tools/target-url.js';

const SELLER = { slug: 'acme', baseUrl: 'https://acme.example/v1' };
const refused = expect.objectContaining({ code: 'MCP_ADDRESS_REFUSED', fundsMoved: 'no' });

describe('a path below a seller', () => {
  it.each([
    ['/items', 'https://acme.example/v1/items'],
    ['/', 'https://acme.example/v1/'],
    ['/a%20b/ä', 'https://acme.example/v1/a%20b/%C3%A4'],
    ['/a?b=c&d=..', 'https://acme.example/v1/a?b=c&d=..'],
    ['/a..b/...', 'https://acme.example/v1/a..b/...'],
    ['/a//b', 'https://acme.example/v1/a//b'],
    ['/@name', 'https://acme.example/v1/@name'],
  ])('%s is %s', (path, url) => {
    expect(targetOfPath(SELLER, path)).toBe(url);
  });

  it.each([
    '',
    'items',
    '//evil.example/',
    '/../admin',
    '/a/../../admin',
    '/..',
    '/.',
    '/%2e%2e/admin',
    '/%2E./admin',
    '/.%2e',
    '/a/%2e%2e%2fadmin',
    '/a%2fb',
    '/a%5cb',
    '/a%00b',
    '/\\evil.example',
    '/a\\..\\b',
    '/#@evil.example',
    '/a#b',
    '/．．/admin',
    '/。。/admin',
    '/‥/admin',
    '/..;/admin',
    '/a/.;x=1/b',
    '/%2e%2e%3b/admin',
    '/%252e%252e/admin',
    '/%25252e%25252e/admin',
    '/%252e%252e%252fadmin',
    `/%${'25'.repeat(3000)}2e`,
    '/a%255c..',
    '/a\tb',
    '/a\nb',
    '/a b',
    '/%zz',
    '/a\u202eb',
    '@evil.example/',
    ':80@evil.example/',
    '.evil.example/',
    'https://evil.example/',
  ])('%j is refused', (path) => {
    expect(() => targetOfPath(SELLER, path)).toThrow(refused);
  });

  it('never leaves it, whatever it is made of', () => {
    const pieces = fc.constantFrom(
      '/',
      '.',
      '..',
      '%2e',
      '%2f',
      '\\',
      '@',
      ':',
      '#',
      '?',
      'evil.example',
      '．',
      '。',
      'a',
      '\t',
      '%5c',
      ';',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string())), (parts) => {
        let target: URL;
        try {
          target = new URL(targetOfPath(SELLER, parts.join('')));
        } catch (error) {
          expect(error).toEqual(refused);
          return;
        }
        expect(target.origin).toBe('https://acme.example');
        expect(target.pathname.startsWith('/v1/')).toBe(true);
        expect([target.username, target.password, target.hash]).toEqual(['', '', '']);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a full URL', () => {
  it('is taken with its query and more, and without its fragment', () => {
    expect(targetOfUrl('https://a.example/x?b=1#part', { c: ['2', 3], d: true })).toBe(
      'https://a.example/x?b=1&c=2&c=3&d=true',
    );
  });

  it.each([
    '',
    'a.example',
    'ftp://a.example',
    'file:///etc/passwd',
    'javascript:1',
    'https://user@a.example',
    'https://u:p@a.example',
  ])('%j is refused', (url) => {
    expect(() => targetOfUrl(url)).toThrow(refused);
  });
});
