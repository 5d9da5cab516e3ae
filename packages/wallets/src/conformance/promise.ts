import { isDeepStrictEqual } from 'node:util';
import { type ErrorCode, isSatwayError, SatwayError } from '@satway/base';

/** Ends a case: the wallet does not do what every wallet must. No secret may stand in `detail`. */
function broken(detail: string, cause?: unknown): SatwayError {
  return new SatwayError('WALLET_PROMISE_BROKEN', { detail, cause });
}

/** @throws {SatwayError} `WALLET_PROMISE_BROKEN` unless it holds. */
export function must(holds: boolean, promise: string): asserts holds {
  if (!holds) throw broken(promise);
}

/** @throws {SatwayError} `WALLET_PROMISE_BROKEN` unless both are deeply equal; the detail shows both, without preimages. */
export function mustEqual(actual: unknown, expected: unknown, what: string): void {
  if (!isDeepStrictEqual(actual, expected)) throw broken(`${what} is ${show(actual)} and must be ${show(expected)}.`);
}

/** @throws {SatwayError} `WALLET_PROMISE_BROKEN` unless the call is refused with that code and without moving funds. */
export async function mustRefuse(call: Promise<unknown>, code: ErrorCode, what: string): Promise<void> {
  let answer: unknown;
  try {
    answer = await call;
  } catch (error) {
    if (isSatwayError(error, code) && error.fundsMoved === 'no') return;
    throw broken(`${what} must be refused with ${code}, and was refused otherwise.`, error);
  }
  throw broken(`${what} must be refused with ${code}, and was answered ${show(answer)}.`);
}

/** For a person; whatever holds a preimage is told without it. */
function show(value: unknown): string {
  const text = JSON.stringify(value, (name, inner: unknown) => {
    if (/preimage/i.test(name)) return '…';
    return typeof inner === 'bigint' ? `${inner}` : inner;
  });
  return text ?? 'nothing';
}
