import type { ErrorCode } from '@satway/base';
import type { Enrolled } from '@satway/gate';

/** A call while it is under way. */
export interface LiveCall extends Enrolled {
  readonly deadlineMs: number;
  timeIsUp(): void;
}

/** What a call tells its surroundings; one object for all calls. */
export interface CallObserver {
  /** The call is over; `failure` where the caller did not get the whole answer of the origin. */
  callEnded(call: LiveCall, failure: ErrorCode | null): void;
  captureFailed(cause: unknown): void;
  /** Something that should not be possible; the caller's connection was broken. */
  failed(cause: unknown): void;
}

export interface CallBounds {
  readonly responseBodyBytes: number;
  /** Longest body that is read before the charge and kept with it. */
  readonly keptBodyBytes: number;
  readonly totalMs: number;
}
