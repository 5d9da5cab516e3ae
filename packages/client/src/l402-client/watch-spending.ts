import { randomUUID } from 'node:crypto';
import type { Egress } from '@satway/egress';
import { type CheckedAnomaly, createSpendingWatch } from '../anomaly/index.js';
import type { ClientContext } from './context.js';

interface WatchParts extends Pick<ClientContext, 'tell' | 'store' | 'clock' | 'spendingLimits'> {
  readonly anomaly: CheckedAnomaly | null;
  readonly egress: Pick<Egress, 'exchange'>;
}

/**
 * The watch of a client's spending, and how it hears what the client tells. A part of a budget is watched by the watch of the whole, which tells what it finds
 * to those whom the whole tells.
 */
export function watchSpending(
  parts: WatchParts,
  parent: Pick<ClientContext, 'spendingWatch'> | null,
): Pick<ClientContext, 'tell' | 'spendingWatch'> {
  const { tell, spendingLimits } = parts;
  const spendingWatch = parent === null ? openWatch(parts) : parent.spendingWatch;
  if (spendingWatch === null) return { tell, spendingWatch };
  return {
    spendingWatch,
    tell(event) {
      tell(event);
      spendingWatch.hear(event, spendingLimits);
    },
  };
}

function openWatch({ anomaly, store, egress, clock, tell }: WatchParts): ClientContext['spendingWatch'] {
  if (anomaly === null) return null;
  return createSpendingWatch({ options: anomaly, store, egress, nowMs: () => clock.nowMs(), newId: randomUUID, tell });
}
