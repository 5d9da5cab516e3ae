import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SOURCES = fileURLToPath(new URL('../../src/', import.meta.url));
/** A value import or re-export of a file of this room; `import type` is gone at run time. */
const STATIC_IMPORT = /^(?:import|export)\s+(?!type\b)[^'"`;]*?\sfrom\s+'(\.[^']+)'/gm;
const ADAPTERS = ['lnd/', 'lnbits/', 'phoenixd/', 'nwc/'];

/** All files of the room that come along with one, by paths inside it. */
function loadedWith(file: string, loaded = new Set<string>()): Set<string> {
  if (loaded.has(file)) return loaded;
  loaded.add(file);
  const text = readFileSync(SOURCES + file, 'utf8');
  for (const [, specifier = ''] of text.matchAll(STATIC_IMPORT)) {
    const source = resolve(SOURCES, dirname(file), specifier.replace(/\.js$/, '.ts'));
    loadedWith(relative(SOURCES, source), loaded);
  }
  return loaded;
}

describe('the code of the adapters', () => {
  it.each(['open-wallet/index.ts', 'environment/index.ts', 'watch/index.ts'])('does not come along with %s', (door) => {
    const loaded = [...loadedWith(door)];
    expect(loaded.length).toBeGreaterThan(1);
    expect(loaded.filter((file) => ADAPTERS.some((folder) => file.startsWith(folder)))).toEqual([]);
  });
});
