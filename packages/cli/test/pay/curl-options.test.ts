import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCurlOptions } from '../../src/pay/curl-options.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'satway-curl-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function refusalOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

describe('curl-like options', () => {
  it('make a GET of nothing and a POST of a body', () => {
    expect(readCurlOptions({})).toMatchObject({ method: 'GET', body: null });
    expect(readCurlOptions({ data: 'a=1' })).toMatchObject({ method: 'POST', body: 'a=1' });
    expect(readCurlOptions({ data: 'a=1' }).headers.get('content-type')).toBe('application/x-www-form-urlencoded');
    expect(readCurlOptions({ data: '{}', request: 'PUT', header: ['Content-Type: application/json'] })).toMatchObject({
      method: 'PUT',
    });
  });

  it('send a file as its bytes are', () => {
    const bytes = Uint8Array.of(0, 255, 10, 13);
    writeFileSync(join(folder, 'body.bin'), bytes);
    expect(readCurlOptions({ data: `@${join(folder, 'body.bin')}` }).body).toEqual(bytes);
  });

  it('keep headers, repeated ones too', () => {
    const { headers } = readCurlOptions({ header: ['X-One: a', 'X-One:b', 'Accept: text/plain'] });
    expect([...headers]).toEqual([
      ['accept', 'text/plain'],
      ['x-one', 'a, b'],
    ]);
  });

  it.each([
    [{ header: ['no colon'] }],
    [{ header: [': empty'] }],
    [{ header: ['Bad Name: secret-value'] }],
    [{ header: ['Authorization: a\nsecret-value'] }],
    [{ header: ['Authorization: secret-value\u4e2d'] }],
    [{ data: '@/nowhere/at/all' }],
  ])('refuse %j without repeating a value', (options) => {
    const act = (): unknown => readCurlOptions(options);
    expect(act).toThrow(expect.objectContaining({ code: 'CLI_USAGE' }));
    expect(inspect(refusalOf(act), { depth: 9, showHidden: true })).not.toContain('secret-value');
  });
});
