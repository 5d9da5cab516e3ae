import { defineConfig } from 'vitest/config';
import { workspaceAliases } from './vitest.config.js';

/** The suites on real Lightning nodes. Each file has a chain and nodes of its own; two at a time, since they wait more than they work. */
export default defineConfig({
  resolve: { alias: workspaceAliases },
  test: {
    include: ['test/real/**/*.real.test.ts'],
    pool: 'forks',
    // Sellers, origins and wallets of the tests live on this machine, where nothing is reached that was not named.
    // The keys of their purchase stores lie in files: no test touches a person's keychain.
    env: { SATWAY_ALLOW_HOSTS: '127.0.0.1,localhost,[::1]', SATWAY_KEYCHAIN: 'off' },
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
});
