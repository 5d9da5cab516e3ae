import { type ErrorCode, errorTable, errorTableByRoom, isSatwayError, SatwayError } from '@satway/base';
import { describe, expect, it } from 'vitest';

describe('the error table', () => {
  it('has every code once, whatever the room', () => {
    const codes = Object.values(errorTableByRoom).flatMap((rows) => Object.keys(rows));
    expect(new Set(codes).size).toBe(codes.length);
    expect(Object.keys(errorTable).sort()).toEqual([...codes].sort());
  });

  it('says for each code in whole sentences what happened and what to do, and names a status that means something', () => {
    for (const [code, entry] of Object.entries(errorTable)) {
      expect(code).toMatch(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
      expect(entry.message, code).toMatch(/^[A-Z0-9`].*\.$/s);
      expect(entry.nextStep, code).toMatch(/^[A-Z0-9`].*\.$/s);
      expect(['no', 'yes', 'unknown'], code).toContain(entry.fundsMoved);
      if (entry.httpStatus !== null) expect(entry.httpStatus, code).toBeGreaterThanOrEqual(400);
    }
  });
});

describe('a SatwayError', () => {
  it('carries the table row of its code and the detail and facts of its thrower', () => {
    const error = new SatwayError('PROCESS_LOCK_HELD', { detail: 'The gateway runs.', facts: { path: 'x' } });
    expect(error).toMatchObject({ name: 'SatwayError', code: 'PROCESS_LOCK_HELD', httpStatus: null, fundsMoved: 'no' });
    expect(error.message).toBe('Another process holds the lock on this folder. The gateway runs.');
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      code: 'PROCESS_LOCK_HELD',
      message: 'Another process holds the lock on this folder. The gateway runs.',
      fundsMoved: 'no',
      nextStep: 'Stop the other process, or give this one a folder of its own.',
      path: 'x',
    });
  });

  it('prints neither its cause nor its stack as JSON', () => {
    const error = new SatwayError('INTERNAL', { cause: new Error('a secret of somebody') });
    expect(JSON.stringify(error)).not.toContain('secret');
    expect(error.cause).toBeInstanceOf(Error);
  });

  it('may know better than the table whether funds moved', () => {
    expect(new SatwayError('INTERNAL', { fundsMoved: 'no' }).fundsMoved).toBe('no');
  });

  it('is recognised by code', () => {
    const error: unknown = new SatwayError('INTERNAL');
    const other: ErrorCode = 'PROCESS_LOCK_HELD';
    expect([isSatwayError(error), isSatwayError(error, 'INTERNAL'), isSatwayError(error, other)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(isSatwayError(new Error('INTERNAL'))).toBe(false);
  });
});
