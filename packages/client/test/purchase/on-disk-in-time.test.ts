import { createEgress } from '@satway/egress';
import Libsql from 'libsql';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { L402Client, type PurchaseStore } from '../../src/index.js';
import { openLightning } from '../support/lightning.js';
import { startSeller } from '../support/seller.js';
import { temporaryStore } from '../temporary-store.js';

const WRITES = new Set(['begin', 'settle', 'settleUnsynced', 'startRedeeming', 'finishRedeeming']);

const UNSYNCED = ['PRAGMA synchronous=NORMAL', 'PRAGMA synchronous=FULL'];

function tellSteps(store: PurchaseStore, tell: (step: string) => void): PurchaseStore {
  const journal = new Proxy(store.journal, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (!WRITES.has(String(name)) || typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        tell(String(name));
        return Reflect.apply(value, target, args);
      };
    },
  });
  return Object.create(store, { journal: { value: journal } }) as PurchaseStore;
}

/** Whether a step waits for the disk is a switch of the connection, which stands at yes. */
function tellSwitches(tell: (step: string) => void): void {
  const spy = vi.spyOn(Libsql.prototype, 'exec');
  const exec = spy.getMockImplementation();
  spy.mockImplementation(function (this: Libsql.Database, sql) {
    if (sql.startsWith('PRAGMA synchronous')) tell(sql);
    return exec?.call(this, sql) ?? this;
  });
  onTestFinished(() => spy.mockRestore());
}

async function stepsOfOneCall(canLookUp: boolean): Promise<string[]> {
  const steps: string[] = [];
  const lightning = openLightning();
  const seller = await startSeller({ issuer: lightning.issuer });
  const egress = createEgress({ allowHosts: ['127.0.0.1'] });
  const payer = {
    ...lightning.payer,
    canLookUp,
    pay: (request: Parameters<typeof lightning.payer.pay>[0]) => {
      steps.push('wallet');
      return lightning.payer.pay(request);
    },
  };
  const client = new L402Client({
    wallet: payer,
    store: tellSteps(temporaryStore(), (step) => steps.push(step)),
    egress: {
      ...egress,
      exchange: (request) => {
        steps.push('request');
        return egress.exchange(request);
      },
    },
  });
  tellSwitches((step) => steps.push(step));
  expect(await client.tryFetch(`${seller.url}/item`)).toMatchObject({ ok: true });
  await client.close();
  return steps;
}

describe('a purchase that is made in one go', () => {
  it('is on disk before the wallet is asked, and its preimage before the paid request leaves', async () => {
    expect(await stepsOfOneCall(true)).toEqual([
      'request',
      'begin',
      'wallet',
      'settleUnsynced',
      ...UNSYNCED,
      'startRedeeming',
      'request',
      'finishRedeeming',
      ...UNSYNCED,
    ]);
  });

  it('waits for the disk with a preimage that the wallet could not tell again', async () => {
    const steps = await stepsOfOneCall(false);
    expect(steps.slice(steps.indexOf('wallet') + 1)).toEqual([
      'settle',
      'startRedeeming',
      'request',
      'finishRedeeming',
      ...UNSYNCED,
    ]);
  });
});
