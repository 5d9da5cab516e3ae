import fc from 'fast-check';
import { isSatwayError } from '@satway/base';
import { describe, expect, it } from 'vitest';
import { readHostList } from '../../src/address-policy/host-list.js';

describe('hosts that may be private', () => {
  it('are allowed on every port, or on the one that is named', () => {
    const isNamed = readHostList(['api.internal', 'localhost:9000', ' [::1]:80 ', '10.0.0.5']);
    expect(isNamed('api.internal', '443')).toBe(true);
    expect(isNamed('localhost', '9000')).toBe(true);
    expect(isNamed('localhost', '9001')).toBe(false);
    expect(isNamed('[::1]', '80')).toBe(true);
    expect(isNamed('::1', '80')).toBe(true);
    expect(isNamed('10.0.0.5', '1')).toBe(true);
  });

  it('mean exactly that name', () => {
    const isNamed = readHostList(['internal']);
    for (const other of ['api.internal', 'internal.evil.example', 'xinternal', 'intern', '__proto__', 'constructor']) {
      expect(isNamed(other, '80')).toBe(false);
    }
    expect(isNamed('INTERNAL', '80')).toBe(true);
    expect(isNamed('internal.', '80')).toBe(true);
  });

  it('may be written in any spelling that a URL takes', () => {
    expect(readHostList(['127.1'])('127.0.0.1', '80')).toBe(true);
    expect(readHostList(['[0:0:0:0:0:0:0:1]'])('[::1]', '80')).toBe(true);
  });

  it.each([
    'http://a.example',
    'a.example/path',
    'user@a.example',
    '',
    ':80',
    'a b',
    'a:0',
    'a:65536',
    'a:80x',
    '::1',
    '*',
    'a?b',
    'a#b',
  ])('are refused where one cannot be read: %s', (entry) => {
    if (entry === '*') return expect(readHostList([entry])('anything', '80')).toBe(false);
    return expect(() => readHostList([entry])).toThrow(expect.objectContaining({ code: 'EGRESS_HOSTS_INVALID' }));
  });

  it('give our own error or an answer, on anything at all', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (entry, hostname) => {
        try {
          readHostList([entry])(hostname, '80');
        } catch (error) {
          if (!isSatwayError(error, 'EGRESS_HOSTS_INVALID')) throw error;
        }
      }),
    );
  });
});
