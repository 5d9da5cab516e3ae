import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPendingCall } from '../../src/pay/pending-call.js';

let folder = '';
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'satway-pending-')), 'pending');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const THING = { method: 'GET', url: 'https://api.example/a', body: null };
const keys = (): string[] => readdirSync(folder).filter((file) => file.endsWith('.key'));

describe('a pending call', () => {
  it('is the same call for the next run of the same thing, until it is settled', () => {
    const first = openPendingCall(folder, THING);
    first.leave();
    const second = openPendingCall(folder, THING);
    expect(second.idempotencyKey).toBe(first.idempotencyKey);
    second.settle();
    expect(keys()).toEqual([]);
    const third = openPendingCall(folder, THING);
    expect(third.idempotencyKey).not.toBe(first.idempotencyKey);
    third.settle();
  });

  it('is another call for another method, address or body', () => {
    const first = openPendingCall(folder, THING);
    first.leave();
    for (const other of [{ method: 'POST' }, { url: 'https://api.example/b' }, { body: 'x' }]) {
      const call = openPendingCall(folder, { ...THING, ...other });
      expect(call.idempotencyKey).not.toBe(first.idempotencyKey);
      call.settle();
    }
  });

  it('is never shared by runs at the same time', () => {
    const together = Array.from({ length: 70 }, () => openPendingCall(folder, THING));
    expect(new Set(together.map((call) => call.idempotencyKey)).size).toBe(70);
    for (const call of together) call.settle();
    expect(keys()).toEqual([]);
  });

  it('begins anew where the key was half written, and keeps keys for their owner', () => {
    const first = openPendingCall(folder, THING);
    first.leave();
    const [file = ''] = keys();
    expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    writeFileSync(join(folder, file), first.idempotencyKey.slice(0, 20));
    const second = openPendingCall(folder, THING);
    expect(second.idempotencyKey).toMatch(/^[0-9a-f]{64}$/);
    expect(second.idempotencyKey).not.toBe(first.idempotencyKey);
    second.settle();
  });

  it('is found again while another thing is called, and by whoever types its address in another way', () => {
    const first = openPendingCall(folder, THING);
    first.leave();
    const other = openPendingCall(folder, { ...THING, url: 'https://api.example/other' });
    const second = openPendingCall(folder, { ...THING, url: 'HTTPS://API.example:443/a#part' });
    expect([second.idempotencyKey, second.takenUp]).toEqual([first.idempotencyKey, true]);
    expect([other.takenUp, first.takenUp]).toEqual([false, false]);
    for (const call of [other, second]) call.settle();
  });

  it('takes up the key first under which something was bought', () => {
    const together = Array.from({ length: 3 }, () => openPendingCall(folder, THING));
    for (const call of together) call.leave();
    const [, , paid] = together.map((call) => call.idempotencyKey);
    const next = openPendingCall(folder, THING, (key) => key === paid);
    expect(next.idempotencyKey).toBe(paid);
    next.settle();
  });

  it('says where it cannot keep its keys', () => {
    writeFileSync(folder, '');
    expect(() => openPendingCall(folder, THING)).toThrow(expect.objectContaining({ code: 'PURCHASE_STORE_UNUSABLE' }));
  });
});
