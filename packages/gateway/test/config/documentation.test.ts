import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KNOWN_KEYS } from '../../src/config/config-schema.js';
import { createKeyFile, loadGatewayConfig } from '../../src/index.js';

const page = fileURLToPath(new URL('../../../../docs/gateway.md', import.meta.url));

let folder: string;
let example: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'satway-docs-'));
  await writeFile(join(folder, 'invoice.macaroon'), Buffer.from('0201', 'hex'));
  await writeFile(join(folder, 'tls.cert'), 'certificate');
  await createKeyFile(join(folder, 'keys.json'));
  example = /```yaml\n([\s\S]*?)```/.exec(await readFile(page, 'utf8'))?.[1] ?? '';
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function load(text: string): ReturnType<typeof loadGatewayConfig> {
  await writeFile(join(folder, 'satway.yaml'), text);
  return loadGatewayConfig(join(folder, 'satway.yaml'), {});
}

describe('the page of the gateway', () => {
  it('shows a file that loads', async () => {
    expect((await load(example)).endpoints).toHaveLength(4);
  });

  it('shows the defaults as they are', async () => {
    const uncommented = example.replace(/^# (?=(listen|limits|timeouts|idempotency|rates|log):|  )/gm, '');
    const { listen, sizes, times, idempotency, log } = await load(example);
    expect(await load(uncommented)).toMatchObject({ listen, sizes, times, idempotency, log });
    expect(uncommented).not.toBe(example);
  });

  it.each(Object.entries(KNOWN_KEYS).filter(([place]) => place !== 'wallet file'))(
    'names every key of "%s"',
    (_place, keys) => {
      for (const key of keys) expect(example).toMatch(new RegExp(`\\b${key}\\b`));
    },
  );
});
