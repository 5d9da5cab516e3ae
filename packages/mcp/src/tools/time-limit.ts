import type { ServerContext } from '@modelcontextprotocol/server';
import type { SatwayContext } from '../context/index.js';

/** What is left of the time in which a tool has to answer. */
export interface TimeLimit {
  /** Aborts when the time is up, or whoever asked has left. */
  readonly signal: AbortSignal;
  leftMs(): number;
}

/** Runs from now on; what comes before a call counts as well. */
export function startTimeLimit(
  { settings, nowMs }: Pick<SatwayContext, 'settings' | 'nowMs'>,
  { mcpReq }: ServerContext,
): TimeLimit {
  const endsAtMs = nowMs() + settings.answerWithinMs;
  return {
    signal: AbortSignal.any([mcpReq.signal, AbortSignal.timeout(settings.answerWithinMs)]),
    leftMs: () => Math.max(0, endsAtMs - nowMs()),
  };
}
