import { createMemoryClaimStore } from '@satway/gate/claim-store';
import { describe } from 'vitest';
import { claimStoreConformance } from './conformance.js';

describe('the claim store in memory', () => {
  claimStoreConformance(async () => {
    let offsetMs = 0;
    const nowMs = () => Date.now() + offsetMs;
    const store = createMemoryClaimStore({ clock: nowMs });
    return {
      store,
      nowMs,
      letTimePass: async (ms) => {
        offsetMs += ms;
      },
      stop: () => store.close(),
    };
  });
});
