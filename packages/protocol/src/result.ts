import type { ErrorCode } from '@satway/base';

/** What a parser gives back: the value, or why not. A bare boolean would lose the reason, an exception the habit of looking. */
export type Result<T> = { readonly ok: true; readonly value: T } | Refusal;

/** An expected refusal. `detail` is for a person and carries no secret. */
export interface Refusal {
  readonly ok: false;
  readonly code: ErrorCode;
  readonly detail: string;
}

export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function refuse(code: ErrorCode, detail: string): Refusal {
  return { ok: false, code, detail };
}
