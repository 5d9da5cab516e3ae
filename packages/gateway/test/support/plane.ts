import { createEgress, type PoolOptions } from '@satway/egress';
import {
  createCallerAddressReader,
  createDataPlane,
  type DataPlaneParts,
  HeldBodies,
  LiveCalls,
} from '../../src/data-plane/index.js';
import { createLogger } from '../../src/logs/index.js';
import { GatewayMetrics } from '../../src/metrics/index.js';
import { openListener } from '../../src/server/http-listener.js';
import { createObserver } from '../../src/server/observer.js';
import { ScriptedGate } from './scripted-gate.js';

export interface PlaneOptions {
  readonly originUrl: string;
  readonly bounds?: Partial<DataPlaneParts['bounds']>;
  readonly pool?: PoolOptions;
  readonly publicUrl?: string;
  readonly trustedProxies?: readonly string[];
  readonly clock?: () => number;
}

/** The data plane on a real socket, in front of a real origin, with a gate that the test scripts. */
export interface Plane {
  readonly url: string;
  readonly port: number;
  readonly gate: ScriptedGate;
  readonly liveCalls: LiveCalls;
  readonly metrics: GatewayMetrics;
  close(): Promise<void>;
}

export async function startPlane(options: PlaneOptions): Promise<Plane> {
  const gate = new ScriptedGate();
  const egress = createEgress();
  const origin = egress.openPool(options.originUrl, options.pool);
  const liveCalls = new LiveCalls(options.clock);
  const metrics = new GatewayMetrics(() => liveCalls.size);
  const handle = createDataPlane({
    gate,
    origin,
    bounds: {
      requestBodyBytes: 1_048_576,
      digestMs: 30_000,
      heldBodies: new HeldBodies(134_217_728),
      responseBodyBytes: 67_108_864,
      keptBodyBytes: 16_384,
      totalMs: 600_000,
      ...options.bounds,
    },
    publicUrl: options.publicUrl ?? null,
    readCallerAddress: createCallerAddressReader(options.trustedProxies ?? []),
    answerOwnPath: () => null,
    observer: createObserver(metrics, liveCalls, createLogger('silent')),
  });
  const listener = await openListener({ host: '127.0.0.1', port: 0 }, handle, 600_000);
  return {
    url: listener.url,
    port: listener.port,
    gate,
    liveCalls,
    metrics,
    close: async () => {
      listener.breakConnections();
      await listener.stopAccepting();
      liveCalls.close();
      await origin.destroy();
      await egress.close();
    },
  };
}
