import { defineConfig } from 'vitest/config';
import { workspaceAliases } from './vitest.config.js';

/** The suites on real Lightning nodes. One file at a time: each has a chain and two nodes of its own. */
export default defineConfig({
  resolve: { alias: workspaceAliases },
  test: {
    include: ['test/real/**/*.real.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
});
