import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const examples = readdirSync(`${root}examples`).filter((name) => name.endsWith('.mjs') && name !== 'run.mjs');

interface End {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string;
}

/** Runs a program as a reader would: without what the tests put into the environment. */
function run(...args: readonly string[]): Promise<End> {
  const { SATWAY_ALLOW_HOSTS: _, SATWAY_KEYCHAIN: __, ...env } = process.env;
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { cwd: root, env }, (_error, out, errors) =>
      resolve({ code: child.exitCode, out, errors }),
    );
  });
}

describe('the examples', () => {
  it.each(examples)('%s keeps what it promises, and shows no secret', async (name) => {
    const { code, out, errors } = await run(`examples/${name}`);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(out).toMatch(/^ {2}ok {6}/m);
    expect(out).not.toContain('BROKEN');
    expect(out + errors).not.toMatch(/satway_credential_v1|L402 |[0-9a-f]{64}/);
  });

  it('end with 1 where a promise does not hold', async () => {
    const story = `import { check } from './examples/lib/check.mjs'; check('a sat is a sat', { sats: 1 }, { sats: 2 });`;
    const { code, out } = await run('--input-type=module', '--eval', story);
    expect(code).toBe(1);
    expect(out).toBe('  BROKEN  a sat is a sat\n          expected {"sats":2}, and it was {"sats":1}\n');
  });

  it('are all in the tables that lead to them', () => {
    const page = readFileSync(`${root}docs/delegation.md`, 'utf8') + readFileSync(`${root}examples/README.md`, 'utf8');
    const missing = (link: string) => examples.filter((name) => !page.includes(`(${link}${name})`));
    expect([missing('../examples/'), missing('')]).toEqual([[], []]);
  });
});
