import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { SECRET_VARIABLES } from '@satway/wallets/environment';
import { describe, expect, it } from 'vitest';

const DOOR = new URL('../../dist/environment/index.js', import.meta.url).href;
const NWC = 'nostr+walletconnect://cafe?relay=wss%3A%2F%2Frelay.example&secret=feedfacefeedface';

/** Reads the wallet, unless told not to, then starts a child and prints what that child has inherited. */
const PROGRAM = `
import { execFileSync } from 'node:child_process';
import { walletFromEnv } from ${JSON.stringify(DOOR)};
const kind = process.argv.includes('--read') ? walletFromEnv().settings.kind : 'none';
const inherited = execFileSync(process.execPath, ['-p', 'JSON.stringify(process.env)'], { encoding: 'utf8' });
process.stdout.write(JSON.stringify({ kind, inherited: JSON.parse(inherited) }));
`;

function run(...options: string[]): { kind: string; inherited: NodeJS.ProcessEnv } {
  const text = execFileSync(process.execPath, ['--input-type=module', '-e', PROGRAM, '--', ...options], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], NWC_URI: NWC, LNBITS_URL: '' },
    cwd: fileURLToPath(new URL('.', import.meta.url)),
  });
  return JSON.parse(text) as ReturnType<typeof run>;
}

describe('a process that has read its wallet from the environment', () => {
  it('hands no secret on to the processes that it starts afterwards', () => {
    expect(run().inherited, 'else this test shows nothing').toMatchObject({ NWC_URI: NWC });
    const { kind, inherited } = run('--read');
    expect(kind).toBe('nwc');
    expect(Object.keys(inherited).filter((name) => (SECRET_VARIABLES as readonly string[]).includes(name))).toEqual([]);
    expect(JSON.stringify(inherited)).not.toContain('feedface');
    expect(inherited).toHaveProperty('PATH');
  });
});
