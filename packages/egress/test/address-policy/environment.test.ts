import { afterEach, beforeEach, expect, it, vi } from 'vitest';

beforeEach(() => void vi.resetModules());
afterEach(() => void vi.restoreAllMocks());

/** As in a process of its own. @returns the policies, and what was said on stderr. */
async function readIn(environments: readonly Readonly<Record<string, string>>[]) {
  const { addressPolicyFromEnvironment } = await import('../../src/address-policy/environment.js');
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const policies = environments.map((environment) => addressPolicyFromEnvironment(environment));
  return { policies, said: said.mock.calls.map(([text]) => String(text)) };
}

it('a process in which every address can be reached says so loudly, and once', async () => {
  const { policies, said } = await readIn([{ SSRF_ALLOW_PRIVATE: 'true' }, { SSRF_ALLOW_PRIVATE: ' TRUE ' }]);
  expect(policies).toEqual([
    { allowHosts: [], allowPrivate: true },
    { allowHosts: [], allowPrivate: true },
  ]);
  expect(said).toEqual([expect.stringMatching(/^satway: warning: SSRF_ALLOW_PRIVATE=true: every address .*\n$/)]);
});

it.each(['', '1', 'yes', 'false', 'truely'])('nothing but true switches the rule off: %j', async (value) => {
  const { policies, said } = await readIn([{ SSRF_ALLOW_PRIVATE: value, SATWAY_ALLOW_HOSTS: 'a:1, b ,' }]);
  expect(policies).toEqual([{ allowHosts: ['a:1', 'b'], allowPrivate: false }]);
  expect(said).toEqual([]);
});
