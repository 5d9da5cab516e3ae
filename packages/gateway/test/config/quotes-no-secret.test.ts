import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { SatwayError } from '@satway/base';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadGatewayConfig, loadWalletFile } from '../../src/index.js';

const SECRET = 'Zx9hunter2Secret';
const WALLET = `kind: phoenixd\nurl: http://127.0.0.1:1\n`;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'satway-quotes-'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

/** The error by which a wallet file is refused; all of it, with its causes, as a program would show it. */
async function refusalOf(text: string | Uint8Array, environment: Record<string, string> = {}) {
  const path = join(folder, 'wallet.yaml');
  await writeFile(path, text, { mode: 0o600 });
  return shown(loadWalletFile(path, { environment, warn: () => undefined }));
}

async function shown(loading: Promise<unknown>) {
  const error: unknown = await loading.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SatwayError)) expect.fail(`not refused by an error of ours: ${inspect(error)}`);
  const { code, fundsMoved, detail = '' } = error;
  const lines = detail.split('\n').slice(1);
  return {
    code,
    fundsMoved,
    lines: lines.map((line) => line.trim()),
    all: inspect(error, { depth: 9, showHidden: true }),
  };
}

const indented = (text: string): string => `wallet:\n${text.replace(/^/gm, '  ')}\n`;

/** What YAML does not take for the text that its writer meant, and where that is told. */
const MISREAD: readonly (readonly [what: string, value: string, told: RegExp])[] = [
  ['a reference', `*${SECRET}`, /^\d:\d+ \(file\) a reference \(\*name\) to nothing; put a text that begins with \*/],
  ['a tag', `!${SECRET}`, /\(file\) a tag \(!name\) that is not known here; put a text that begins with !/],
  ['a tag before a text', `!${SECRET} x`, /\(file\) a tag \(!name\)/],
  ['a tag with a text', `!!int ${SECRET}`, /\(file\) a tag \(!name\)/],
  ['an anchor', `&${SECRET}`, /password must be a text that is not empty$/],
  ['two anchors', `&${SECRET} &${SECRET} x`, /\(file\) anchors \(&name\) and tags/],
  ['an anchor of a reference', `&a *${SECRET}`, /\(file\)/],
  ['a reserved mark', `@${SECRET}`, /\(file\) a text cannot begin with this character/],
  ['a reserved mark of another kind', `\`${SECRET}`, /\(file\) a text cannot begin with this character/],
  ['a directive', `%${SECRET}`, /\(file\)/],
  ['an escape', `"\\${SECRET}"`, /\(file\) a backslash that means nothing in double quotes/],
  ['an open quote', `"${SECRET}`, /\(file\) something is missing/],
  ['a quote that ends early', `"a"${SECRET}`, /\(file\) what stands here cannot stand here/],
  ['the head of a block', `|${SECRET}`, /\(file\) what stands here cannot stand here/],
  ['the head of a folded block', `>${SECRET}\n  x`, /\(file\) what stands here cannot stand here/],
  ['a second key', `x: ${SECRET}`, /\(file\) a second key on one line/],
  ['a list', `[${SECRET}`, /\(file\)/],
  ['a list with a lost end', `[a] ${SECRET}`, /\(file\)/],
  ['a group', `{${SECRET}}`, /password must be a text/],
  ['a key that is a group', `{? {${SECRET}: x} : y}`, /\(file\) a key that is no word$/],
  ['a key that is a reference', `{a: &a [${SECRET}], *a : y}`, /\(file\) a key that is no word$/],
  ['a second document', `x\n---\n${SECRET}`, /\(file\) a second document begins/],
  ['an odd placeholder', '${' + SECRET, /password holds a placeholder that cannot be read/],
];

describe('a secret that YAML does not take for a text', () => {
  it.each(MISREAD)('is told by its place in a wallet file, where it is %s', async (_what, value, told) => {
    const emitted = vi.spyOn(process, 'emitWarning');
    const { code, fundsMoved, lines, all } = await refusalOf(`${WALLET}password: ${value}\n`);
    expect({ code, fundsMoved }).toEqual({ code: 'CONFIG_INVALID', fundsMoved: 'no' });
    expect(lines).toContainEqual(expect.stringMatching(told));
    expect(all).not.toContain(SECRET);
    expect(JSON.stringify(emitted.mock.calls)).not.toContain(SECRET);
  });

  it.each(MISREAD)('is told by its place under wallet: of a gateway, where it is %s', async (_what, value) => {
    const path = join(folder, 'satway.yaml');
    await writeFile(path, indented(`${WALLET}password: ${value}`));
    const { code, all } = await shown(loadGatewayConfig(path, {}));
    expect(code).toBe('CONFIG_INVALID');
    expect(all).not.toContain(SECRET);
  });

  it.each([
    [
      'without a space behind its key',
      `{kind: phoenixd, url: http://127.0.0.1:1, password:${SECRET}}`,
      /^1:\d+ \(key\) is not a key here/,
    ],
    ['as a key of several words', `${WALLET}password ${SECRET}: x`, /\(key\) is not a key here/],
    [
      'where the name of its variable belongs',
      `${WALLET}passwordEnv: ${SECRET}`,
      /passwordEnv names a variable that is not set$/,
    ],
    [
      'where the path of its file belongs',
      `${WALLET}passwordFile: ${SECRET}`,
      /passwordFile names a file that cannot be read$/,
    ],
    [
      'in the address',
      `kind: phoenixd\nurl: https://u:${SECRET}@n\npassword: x`,
      /url must not hold a user name or password$/,
    ],
    ['as a kind', `kind: ${SECRET}\n`, /kind must be \{kind: lnd, …\}/],
  ])('is not quoted where it stands %s', async (_what, text, told) => {
    const { code, lines, all } = await refusalOf(text);
    expect(code).toBe('CONFIG_INVALID');
    expect(lines).toContainEqual(expect.stringMatching(told));
    expect(all).not.toContain(SECRET);
  });

  it('is not quoted, whatever stands around it on its line', async () => {
    const part = fc.string({ unit: 'binary', maxLength: 12 });
    const spot = fc.string({ unit: fc.constantFrom(...'*&!|>%@`"\'{}[],:?-# \t\\~'), maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.oneof(part, spot), fc.oneof(part, spot), async (before, after) => {
        const line = `${before}${SECRET}${after}`;
        fc.pre(!/[\r\n]|\$\{/.test(line));
        const path = join(folder, 'wallet.yaml');
        await writeFile(path, `${WALLET}password: ${line}\nx: 1\n`);
        const { all } = await shown(loadWalletFile(path, { environment: {} }));
        expect(all).not.toContain(SECRET);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a file that is no configuration', () => {
  it.each([
    ['a bomb of references', bomb()],
    ['a reference to what it stands in', `${WALLET}password: &a [*a, *a]\n`],
    ['thousands of brackets', `${WALLET}password: ${'['.repeat(20_000)}`],
    ['hundreds of closed brackets', `${WALLET}password: ${'['.repeat(900)}${']'.repeat(900)}`],
    ['groups in groups', `${WALLET}password: ${'{a: '.repeat(3_000)}${'}'.repeat(3_000)}`],
  ])('is refused before any money is at stake, where it is %s', async (_what, text) => {
    const { code, fundsMoved, lines } = await refusalOf(text);
    expect({ code, fundsMoved }).toEqual({ code: 'CONFIG_INVALID', fundsMoved: 'no' });
    expect(lines.join(' ')).toContain('nested too deeply');
  });

  it('is told in a few words where it is noise', async () => {
    const noise = Buffer.concat(
      Array.from({ length: 10_000 }, (_, index) => createHash('sha256').update(`noise ${index}`).digest()),
    );
    const { code, lines, all } = await refusalOf(noise);
    expect(code).toBe('CONFIG_INVALID');
    expect(lines).toHaveLength(11);
    expect(lines.at(-1)).toMatch(/^and \d+ more$/);
    expect(all.length).toBeLessThan(6_000);
  });

  it('is told the first hundred of its mistakes', async () => {
    const { lines } = await refusalOf(`${WALLET}${Array.from({ length: 500 }, (_, i) => `unknown${i}: 1\n`).join('')}`);
    expect(lines).toHaveLength(101);
    expect(lines.at(-1)).toBe('and 401 more');
  });

  it('is one all the same with a reference that stands for something', async () => {
    const path = join(folder, 'wallet.yaml');
    await writeFile(path, 'kind: phoenixd\nurl: &u https://n\npassword: *u\n', { mode: 0o600 });
    expect(await loadWalletFile(path, { environment: {} })).toMatchObject({ password: 'https://n' });
  });
});

/** Nine levels of nine references each. */
function bomb(): string {
  const levels = Array.from('abcdefghi', (name, index) => {
    const below = String.fromCharCode(name.charCodeAt(0) - 1);
    return `${name}: &${name} [${Array.from({ length: 9 }, () => (index === 0 ? 'x' : `*${below}`)).join(', ')}]\n`;
  });
  return `${levels.join('')}${WALLET}password: *i\n`;
}
