import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPgliteClaimStore } from '../../packages/gate/dist/claim-store/sql/index.js';

let template = null;

/**
 * The `store` of a configuration, in a folder of its own where the embedded database is set up already: that takes it seconds, and is no part of any figure.
 */
export async function newPgliteStore() {
  template ??= await setUp();
  const folder = mkdtempSync(join(tmpdir(), 'satway-store-'));
  cpSync(template, folder, { recursive: true });
  return { kind: 'pglite', folder };
}

async function setUp() {
  const folder = mkdtempSync(join(tmpdir(), 'satway-store-'));
  const store = await openPgliteClaimStore({ folder, warn: () => undefined });
  await store.close();
  return folder;
}
