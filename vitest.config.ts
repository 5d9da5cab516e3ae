import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const packagesFolder = fileURLToPath(new URL('./packages/', import.meta.url));

/** Tests read the sources; only processes that a test spawns run the built `dist`. */
export const workspaceAliases = [
  { find: /^@satway\/([a-z]+)$/, replacement: `${packagesFolder}$1/src/index.ts` },
  { find: /^@satway\/([a-z]+)\/(.+)$/, replacement: `${packagesFolder}$1/src/$2/index.ts` },
];

/** Suites that take minutes begin first, beside the others; as the last ones they would keep a run waiting alone. */
const LONGEST =
  /\/test\/(?:hostile|crash)\/|\/test\/processes\/|\/commands\/(?:demo|pay|wallet|nwc)[^/]*$|\/test\/mcp\//;

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const [long, others] = [true, false].map((isLong) =>
      sorted.filter((file) => LONGEST.test(file.moduleId) === isLong),
    );
    const weight = ({ moduleId }: TestSpecification) => (/\/test\/(?:hostile|crash)\//.test(moduleId) ? 0 : 1);
    return [...(long ?? []).sort((a, b) => weight(a) - weight(b)), ...(others ?? [])];
  }
}

export default defineConfig({
  resolve: { alias: workspaceAliases },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/*.real.test.ts'],
    globalSetup: ['test/support/postgres/global-setup.ts'],
    pool: 'forks',
    sequence: { sequencer: LongestFirst },
    // Most suites wait for processes, disks and clocks: more of them than cores run at a time.
    maxWorkers: 3,
    // Sellers, origins and wallets of the tests live on this machine, where nothing is reached that was not named.
    // The keys of their purchase stores lie in files: no test touches a person's keychain.
    env: { SATWAY_ALLOW_HOSTS: '127.0.0.1,localhost,[::1]', SATWAY_KEYCHAIN: 'off' },
    // Many tests run whole processes one after the other; how fast a machine is must not decide.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
