import { describe, expect, it } from 'vitest';
import { runSatway } from '../run-satway.js';

/** Tells each module that the process loads. */
const LOADER = `
  export async function load(url, context, next) { process._rawDebug('loaded ' + url); return next(url, context); }`;
const REGISTER = `import { register } from 'node:module'; register(${JSON.stringify(asUrl(LOADER))});`;

function asUrl(source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`;
}

/** The folders of our own that a command loads, as `room/folder`. */
async function foldersLoadedBy(...args: string[]): Promise<Set<string>> {
  const { stderr } = await runSatway(args, { NODE_OPTIONS: `--import=${asUrl(REGISTER)}` });
  const folders = [...stderr.matchAll(/^loaded file:.*\/packages\/([a-z]+)\/dist\/([a-z-]+)\//gm)];
  return new Set(folders.map(([, room, folder]) => `${room}/${folder}`));
}

describe('a command', () => {
  it('loads what it runs, and not what the other commands are made of', async () => {
    const loaded = await foldersLoadedBy('wallet', 'balance');
    expect([...loaded]).toEqual(expect.arrayContaining(['cli/commands', 'cli/wallet']));
    const others = ['cli/doctor', 'cli/demo', 'wallets/sandbox', 'wallets/conformance', 'mcp/http', 'gateway/server'];
    expect(others.filter((folder) => loaded.has(folder))).toEqual([]);
  });

  it('that is no command loads them all, to say which there are', async () => {
    expect(await foldersLoadedBy('waller')).toContain('cli/doctor');
  });
});
