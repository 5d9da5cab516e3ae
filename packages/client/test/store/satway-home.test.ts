import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openPurchaseStore, purchaseStorePathIn, satwayHome } from '../../src/index.js';

const refused = expect.objectContaining({ code: 'CREDENTIAL_STORE_REFUSED' });
let root: string;
let home: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'satway-home-')));
  home = join(root, 'home');
  mkdirSync(home, { mode: 0o700 });
  mkdirSync(join(root, 'outside'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
});

const pathWith = (store: string) => purchaseStorePathIn({ SATWAY_HOME: home, CREDENTIAL_STORE: store });

describe('where the purchase store lies', () => {
  it('is SATWAY_HOME, else ~/.satway, unless CREDENTIAL_STORE says otherwise', () => {
    expect(satwayHome({})).toBe(join(homedir(), '.satway'));
    expect(purchaseStorePathIn({})).toBe(join(homedir(), '.satway', 'purchases.db'));
    expect(purchaseStorePathIn({ SATWAY_HOME: home, CREDENTIAL_STORE: ' ' })).toBe(join(home, 'purchases.db'));
    expect(pathWith(join(home, 'agents', 'one.db'))).toBe(join(home, 'agents', 'one.db'));
  });

  it('is purchases.db in a folder that is there', () => {
    mkdirSync(join(home, 'agents'));
    expect(pathWith(join(home, 'agents'))).toBe(join(home, 'agents', 'purchases.db'));
    expect(pathWith(home)).toBe(join(home, 'purchases.db'));
  });

  it('may lie anywhere in the home directory, and ~ means it', () => {
    const inHome = join(realpathSync(homedir()), '.satway-of-a-test', 'x.db');
    expect(pathWith('~/.satway-of-a-test/x.db')).toBe(inHome);
    expect(pathWith(inHome)).toBe(inHome);
  });

  it('is refused outside, however the way there is written', () => {
    const outside = join(root, 'outside');
    symlinkSync(outside, join(home, 'linked'));
    symlinkSync(join(outside, 'not-there-yet.db'), join(home, 'dangling.db'));
    mkdirSync(join(home, 'folder'));
    symlinkSync(join(outside, 'kept.db'), join(home, 'folder', 'purchases.db'));
    writeFileSync(join(outside, 'kept.db'), '');
    const ways = [
      outside,
      join(outside, 'x.db'),
      `${home}/../outside/x.db`,
      `${home}-other/x.db`,
      join(home, 'linked', 'x.db'),
      join(home, 'linked', 'deeper', 'x.db'),
      join(home, 'dangling.db'),
      join(home, 'folder'),
      '/etc/satway.db',
    ];
    for (const way of ways) expect(() => pathWith(way), way).toThrow(refused);
  });

  it('is where it was judged to be, whatever the link says later', () => {
    mkdirSync(join(home, 'real'));
    symlinkSync(join(home, 'real'), join(home, 'link'));
    expect(pathWith(join(home, 'link', 'x.db'))).toBe(join(home, 'real', 'x.db'));
  });
});

describe('the folder of a store', () => {
  function openedIn(folder: string, satwayHomeIs: string): string[] {
    const before = process.env['SATWAY_HOME'];
    onTestFinished(
      () => void (before === undefined ? delete process.env['SATWAY_HOME'] : (process.env['SATWAY_HOME'] = before)),
    );
    process.env['SATWAY_HOME'] = satwayHomeIs;
    const warnings: string[] = [];
    openPurchaseStore({ path: join(folder, 'purchases.db'), warn: (text) => void warnings.push(text) }).close();
    return warnings;
  }

  it('is closed to others where it is SATWAY_HOME, and that is said', () => {
    chmodSync(home, 0o755);
    expect(openedIn(home, home)).toEqual([expect.stringContaining('0755')]);
    expect(statSync(home).mode & 0o777).toBe(0o700);
    expect(openedIn(home, home)).toEqual([]);
  });

  it('is left alone where it is not, and it is said where others may write to it', () => {
    const project = join(root, 'project');
    mkdirSync(project);
    chmodSync(project, 0o777);
    expect(openedIn(project, home)).toEqual([expect.stringContaining('may write')]);
    expect(statSync(project).mode & 0o777).toBe(0o777);
    chmodSync(project, 0o755);
    expect(openedIn(project, home)).toEqual([]);
  });

  it('has its files narrowed to their owner, and that is said', () => {
    openPurchaseStore({ path: join(home, 'purchases.db') }).close();
    for (const end of ['', '-wal', '.key']) chmodSync(join(home, `purchases.db${end}`), 0o644);
    expect(openedIn(home, home)).toHaveLength(3);
    for (const end of ['', '-wal', '.key']) expect(statSync(join(home, `purchases.db${end}`)).mode & 0o777).toBe(0o600);
  });
});
