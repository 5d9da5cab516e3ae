import type { Json } from '../rest/index.js';

/** One call: what is in `form` is sent as `application/x-www-form-urlencoded`. */
export interface PhoenixdCall {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly form?: Readonly<Record<string, string>>;
  /** `callTimeoutMs` where left out. */
  readonly deadlineMs?: number;
}

/** An answer, read whole. */
export interface PhoenixdAnswer {
  readonly status: number;
  readonly text: string;
  /** `null` where the text is no JSON object. */
  readonly json: Json | null;
  /** Something that it says, for a message: plain words on one line, without our password. */
  readonly words: (said: string) => string;
}
