import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { importsOf, readSourceFiles, root, roomNames } from './source-files.js';

/** Who may import whom; each room may also use what its own rooms use below it. */
const MAY_USE: Readonly<Record<string, readonly string[]>> = {
  base: [],
  protocol: ['base'],
  egress: ['base'],
  wallets: ['base', 'protocol', 'egress'],
  gate: ['base', 'protocol', 'egress', 'wallets'],
  gateway: ['base', 'protocol', 'egress', 'wallets', 'gate'],
  client: ['base', 'protocol', 'egress', 'wallets'],
  mcp: ['base', 'protocol', 'egress', 'wallets', 'client'],
  cli: ['base', 'protocol', 'egress', 'wallets', 'gate', 'gateway', 'client', 'mcp'],
};

const roomOf = (specifier: string): string | null =>
  specifier === 'satway' || specifier.startsWith('satway/')
    ? 'cli'
    : (/^@satway\/([^/]+)/.exec(specifier)?.[1] ?? null);

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}
interface Project {
  readonly references?: readonly { readonly path: string }[];
}

const readManifest = (room: string): Manifest =>
  JSON.parse(readFileSync(`${root}packages/${room}/package.json`, 'utf8')) as Manifest;
const readProject = (room: string): Project =>
  JSON.parse(readFileSync(`${root}packages/${room}/tsconfig.json`, 'utf8')) as Project;

describe('the house', () => {
  const files = readSourceFiles();

  it('has the rooms of the table and no other', () => {
    expect(roomNames().sort()).toEqual(Object.keys(MAY_USE).sort());
    for (const room of roomNames())
      expect(
        files.some((file) => file.room === room),
        room,
      ).toBe(true);
  });

  it('imports go down only', () => {
    const upward = files.flatMap(({ path, room, imports }) =>
      imports
        .map(roomOf)
        .filter((used) => used !== null && used !== room && !(MAY_USE[room] ?? []).includes(used))
        .map((used) => `${path} imports ${used}`),
    );
    expect(upward).toEqual([]);
  });

  it('no file reaches into another room past its doors', () => {
    const past = files.flatMap(({ path, room, imports }) =>
      imports
        .filter((used) => used.startsWith('.') && leavesRoom(path, used, room))
        .concat(imports.filter((used) => /^@satway\/[^/]+\/(src|dist)\b/.test(used)))
        .map((used) => `${path} imports ${used}`),
    );
    expect(past).toEqual([]);
  });

  it('no circle runs through the files of a room', () => {
    expect(circles(files.map(({ path, imports }) => [path, localTargets(path, imports)] as const))).toEqual([]);
  });

  it.each(Object.keys(MAY_USE))(
    'the manifest and the compiler project of %s name only rooms that it may use',
    (room) => {
      const manifest = readManifest(room);
      const project = readProject(room);
      const declared = Object.keys(manifest.dependencies ?? {})
        .map(roomOf)
        .filter((used) => used !== null);
      const referenced = (project.references ?? []).map(({ path }) => path.replace('../', ''));
      for (const used of [...declared, ...referenced]) expect(MAY_USE[room], `${room} → ${used}`).toContain(used);
    },
  );

  it('every package that a file imports is declared by its own room', () => {
    const undeclared = files.flatMap(({ path, room, imports }) => {
      const { dependencies, optionalDependencies, peerDependencies } = readManifest(room);
      const declared = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
      return imports
        .filter((used) => !used.startsWith('.') && !used.startsWith('node:'))
        .map((used) => (used.startsWith('@') ? used.split('/').slice(0, 2).join('/') : (used.split('/')[0] ?? '')))
        .filter((used) => !declared.includes(used))
        .map((used) => `${path} imports ${used}`);
    });
    expect(undeclared).toEqual([]);
  });
});

describe('the reader of imports', () => {
  it('sees every form in which a module can be named', () => {
    const text = [
      `import a from 'a';`,
      `import type { B } from "b";`,
      `import {\n  c,\n} from 'c';`,
      `export { d } from 'd';`,
      `export * from 'e';`,
      `import 'f';`,
      `const g = await import('g');`,
    ].join('\n');
    expect(importsOf(text)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
  });
});

function resolveLocal(path: string, specifier: string): string {
  return new URL(specifier, `file:///${path}`).pathname.slice(1).replace(/\.js$/, '.ts');
}

function leavesRoom(path: string, specifier: string, room: string): boolean {
  const target = resolveLocal(path, specifier);
  return !target.startsWith(`packages/${room}/`);
}

function localTargets(path: string, imports: readonly string[]): string[] {
  return imports.filter((used) => used.startsWith('.')).map((used) => resolveLocal(path, used));
}

function circles(graph: readonly (readonly [string, readonly string[]])[]): string[] {
  const targets = new Map(graph);
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) found.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
    if (done.has(path) || trail.includes(path)) return;
    for (const next of targets.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of targets.keys()) visit(path, []);
  return found;
}
