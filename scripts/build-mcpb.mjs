// Builds the bundle that desktop hosts install with a double click: `node scripts/build-mcpb.mjs [folder]`, by default `dist-mcpb/`. Prints the path of the bundle.
// It holds the command, what it needs at run time and nothing for sellers; the database's and the keychain's native parts make it a bundle for this platform.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packExtension, validateManifest } from '@anthropic-ai/mcpb';

const root = fileURLToPath(new URL('..', import.meta.url));
/** The seller's side: a bundle's command has no use for it, and it weighs more than all the rest. */
const LEFT_OUT = new Set(['@satway/gateway']);
const NOT_RUN = /(\.map|\.d\.[cm]?ts|\.tsbuildinfo)$|\/(test|src|docs)(\/|$)/;

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** The folder in which `from` finds a package; `null` where an optional one is not installed. */
function findPackage(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name);
    if (existsSync(join(found, 'package.json'))) return realpathSync(found);
    if (dirname(folder) === folder) return null;
  }
}

/** Copies a package and, beside or below it, all that it needs. */
function addPackage(name, folder, target, placed) {
  const { version, dependencies = {}, optionalDependencies = {} } = readJson(join(folder, 'package.json'));
  const known = placed.get(name);
  if (known === version) return;
  if (known !== undefined) throw new Error(`two versions of ${name} are needed: ${known} and ${version}`);
  placed.set(name, version);
  const own = name === 'satway' || name.startsWith('@satway/');
  cpSync(folder, join(target, name), {
    recursive: true,
    filter: (source) => {
      const inside = source.slice(folder.length);
      if (inside.startsWith('/node_modules')) return false;
      return own ? !NOT_RUN.test(inside) : !/(\.map|\.d\.[cm]?ts)$/.test(inside);
    },
  });
  for (const needed of Object.keys({ ...dependencies, ...optionalDependencies })) {
    if (LEFT_OUT.has(needed)) continue;
    const at = findPackage(needed, folder);
    if (at !== null) addPackage(needed, at, target, placed);
    else if (!(needed in optionalDependencies)) throw new Error(`${name} needs ${needed}, which is not installed`);
  }
}

function writeManifest(staging) {
  const { version } = readJson(join(root, 'packages/cli/package.json'));
  const manifest = { ...readJson(join(root, 'mcpb/manifest.json')), version };
  manifest.compatibility = { platforms: [process.platform], runtimes: { node: '>=20.19' } };
  const file = join(staging, 'manifest.json');
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
  return { file, version };
}

const folder = resolve(process.argv[2] ?? join(root, 'dist-mcpb'));
mkdirSync(folder, { recursive: true });
const staging = mkdtempSync(join(tmpdir(), 'satway-mcpb-'));
try {
  const { file, version } = writeManifest(staging);
  const modules = join(staging, 'server/node_modules');
  addPackage('satway', join(root, 'packages/cli'), modules, new Map());
  const log = console.log;
  // The packer speaks on stdout, which is ours.
  console.log = console.error;
  const isValid = validateManifest(file);
  const output = join(folder, `satway-${version}-${process.platform}-${process.arch}.mcpb`);
  const isPacked = isValid && (await packExtension({ extensionPath: staging, outputPath: output, silent: true }));
  if (!isPacked) throw new Error('the bundle could not be packed');
  log(output);
} finally {
  rmSync(staging, { recursive: true, force: true });
}
