import { defineConfig } from 'vitest/config';
import { workspaceAliases } from './vitest.config.js';

/** The suites on real Lightning nodes. One file at a time: each has a chain and two nodes of its own. */
export default defineConfig({
  resolve: { alias: workspaceAliases },
  test: {
    include: ['test/real/**/*.real.test.ts'],
    pool: 'forks',
    // Sellers, origins and wallets of the tests live on this machine, where nothing is reached that was not named.
    env: { SATWAY_ALLOW_HOSTS: '127.0.0.1,localhost,[::1]' },
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
});
