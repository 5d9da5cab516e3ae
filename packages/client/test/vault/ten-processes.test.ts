import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { temporaryStore, temporaryStorePath } from '../temporary-store.js';

const PROGRAM = fileURLToPath(new URL('../processes/opener.mjs', import.meta.url));

describe('a new store', () => {
  it('gets one key from ten processes that open it at the same time, and each opens what the others sealed', async () => {
    const path = temporaryStorePath();
    const children = Array.from({ length: 10 }, () => fork(PROGRAM, { env: process.env }));
    await Promise.all(children.map((child) => once(child, 'message')));
    const bought = children.map(async (child, number) => {
      child.send({ path, number });
      const [message] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [
        { purchaseId?: string },
      ];
      return message.purchaseId ?? `process ${number} failed`;
    });
    const ids = await Promise.all(bought);
    const store = temporaryStore(path);
    expect(ids.map((id) => store.credentials.ofPurchase(id)?.macaroonText)).toEqual(
      ids.map((_, number) => `macaroon-${number}`),
    );
    expect(readdirSync(dirname(path)).filter((name) => name.includes('.key'))).toEqual(['purchases.db.key']);
  });
});
