import { isSatwayError } from '@satway/base';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BatchFailure, GroupCommit, type GroupCommitLimits } from '../../src/claim-store/sql/group-commit.js';

const LIMITS: GroupCommitLimits = {
  gatherMs: 0,
  mostPerBatch: 4,
  mostAtOnce: 1,
  mostWaiting: 100,
  timeLimitMs: 60_000,
};
const UNAVAILABLE = { code: 'STORE_UNAVAILABLE' };

/** A statement that is answered by hand. */
function manual() {
  const batches: { items: readonly number[]; answer: () => void; fail: (kind: BatchFailure) => void }[] = [];
  let onBatch = () => {};
  const run = (items: readonly number[]) =>
    new Promise<readonly string[]>((resolve, reject) => {
      batches.push({
        items,
        answer: () => resolve(items.map((item) => `answer ${item}`)),
        fail: (kind) => reject(new FailedBatch(kind)),
      });
      onBatch();
    });
  const batch = async (index: number) => {
    while (batches.length <= index) {
      await new Promise<void>((resolve) => {
        onBatch = resolve;
      });
    }
    const found = batches[index];
    if (found === undefined) throw new Error('no batch');
    return found;
  };
  return { run, batch, batches };
}

class FailedBatch extends Error {
  constructor(readonly kind: BatchFailure) {
    super(kind);
  }
}

function classify(error: unknown): BatchFailure {
  return error instanceof FailedBatch ? error.kind : 'passing';
}

describe('group commit', () => {
  test('calls of one moment share a batch, and each gets its own answer', async () => {
    const { run, batch } = manual();
    const group = new GroupCommit(LIMITS, run, classify);
    const answers = Promise.all([1, 2, 3].map((item) => group.submit(item)));
    const first = await batch(0);
    expect(first.items).toEqual([1, 2, 3]);
    first.answer();
    expect(await answers).toEqual(['answer 1', 'answer 2', 'answer 3']);
  });

  test('batches are no larger and no more at once than allowed, in order of arrival', async () => {
    const { run, batch, batches } = manual();
    const group = new GroupCommit(LIMITS, run, classify);
    const answers = Promise.all([1, 2, 3, 4, 5, 6].map((item) => group.submit(item)));
    const first = await batch(0);
    expect(batches).toHaveLength(1);
    first.answer();
    const second = await batch(1);
    expect([first.items, second.items]).toEqual([
      [1, 2, 3, 4],
      [5, 6],
    ]);
    second.answer();
    expect(await answers).toHaveLength(6);
  });

  test('more calls than may wait are refused at once, and the others are answered', async () => {
    const { run, batch } = manual();
    const group = new GroupCommit({ ...LIMITS, mostWaiting: 2 }, run, classify);
    const accepted = Promise.all([group.submit(1), group.submit(2)]);
    await expect(group.submit(3)).rejects.toMatchObject(UNAVAILABLE);
    (await batch(0)).answer();
    expect(await accepted).toEqual(['answer 1', 'answer 2']);
  });

  test('one bad row fails alone, the innocents beside it are answered', async () => {
    const run = async (items: readonly number[]) => {
      if (items.includes(2)) throw new FailedBatch('rows');
      return items.map((item) => `answer ${item}`);
    };
    const group = new GroupCommit(LIMITS, run, classify);
    const settled = await Promise.allSettled([1, 2, 3].map((item) => group.submit(item)));
    expect(settled[0]).toEqual({ status: 'fulfilled', value: 'answer 1' });
    expect(settled[1]).toMatchObject({ status: 'rejected', reason: { code: 'INTERNAL' } });
    expect(settled[2]).toEqual({ status: 'fulfilled', value: 'answer 3' });
  });

  test('a failure that passes is tried again with the same batch', async () => {
    const { run, batch } = manual();
    const group = new GroupCommit(LIMITS, run, classify);
    const answer = group.submit(1);
    (await batch(0)).fail('passing');
    const again = await batch(1);
    expect(again.items).toEqual([1]);
    again.answer();
    expect(await answer).toBe('answer 1');
  });

  test('a failure that does not pass is unavailable when the time is up', async () => {
    const run = () => Promise.reject(new FailedBatch('passing'));
    const group = new GroupCommit<number, string>({ ...LIMITS, timeLimitMs: 60 }, run, classify);
    await expect(group.submit(1)).rejects.toMatchObject({ ...UNAVAILABLE, fundsMoved: 'no' });
  });

  test('a batch that never answers does not hold its callers, nor those who wait behind it', async () => {
    const { run, batches } = manual();
    const group = new GroupCommit({ ...LIMITS, mostPerBatch: 1, timeLimitMs: 50 }, run, classify);
    const settled = await Promise.allSettled([group.submit(1), group.submit(2)]);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    for (const one of settled) expect(one).toMatchObject({ reason: UNAVAILABLE });
    expect(batches).toHaveLength(1);
  });

  test('an answer that is missing fails its call and no other', async () => {
    const group = new GroupCommit<number, string>(LIMITS, async () => ['only one'], classify);
    const settled = await Promise.allSettled([group.submit(1), group.submit(2)]);
    expect(settled).toMatchObject([{ value: 'only one' }, { reason: { code: 'INTERNAL' } }]);
  });

  test('that is closed answers what it took and takes nothing more', async () => {
    const { run, batch } = manual();
    const group = new GroupCommit(LIMITS, run, classify);
    const taken = group.submit(1);
    const closed = group.close();
    await expect(group.submit(2)).rejects.toMatchObject(UNAVAILABLE);
    (await batch(0)).answer();
    expect(await taken).toBe('answer 1');
    await closed;
  });

  test('every call gets exactly its own answer, whatever fails in passing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(), { maxLength: 40 }),
        fc.array(fc.boolean(), { maxLength: 6 }),
        async (items, failures) => {
          const failing = [...failures];
          const run = async (batch: readonly number[]) => {
            if (failing.pop() === true) throw new FailedBatch(batch.length % 2 === 0 ? 'passing' : 'rows');
            return batch.map((item) => item + 1);
          };
          const group = new GroupCommit<number, number>({ ...LIMITS, mostAtOnce: 2 }, run, classify);
          const settled = await Promise.allSettled(items.map((item) => group.submit(item)));
          const told = settled.map((one) => (one.status === 'fulfilled' ? one.value : one.reason));
          const right = items.map((item) => item + 1);
          expect(told.filter((answer, index) => answer !== right[index] && !isSatwayError(answer, 'INTERNAL'))).toEqual(
            [],
          );
        },
      ),
      { numRuns: 30 },
    );
  });
});
