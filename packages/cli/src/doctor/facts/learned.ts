import { type ErrorCode, isSatwayError, redactText } from '@satway/base';

/** Something that was asked for: what it is, or why nobody could tell. */
export type Learned<T> =
  | { readonly known: true; readonly value: T }
  | { readonly known: false; readonly code: ErrorCode | null; readonly why: string };

export function known<T>(value: T): Learned<T> {
  return { known: true, value };
}

/** Asks, and takes a failure as an answer: what one check cannot learn must not hide the others. */
export async function learn<T>(ask: () => T | Promise<T>): Promise<Learned<T>> {
  try {
    return known(await ask());
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { known: false, code: isSatwayError(error) ? error.code : null, why: redactText(why) };
  }
}
