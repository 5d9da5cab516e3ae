import type { GateEvent } from '@satway/gate';
import type { DataPlaneObserver, LiveCalls } from '../data-plane/index.js';
import type { Logger } from '../logs/index.js';
import type { GatewayMetrics } from '../metrics/index.js';

/** Routes what the data plane tells to metrics, to the list of live calls and, where a person should know, to the log. */
export function createObserver(metrics: GatewayMetrics, liveCalls: LiveCalls, logger: Logger): DataPlaneObserver {
  return {
    requestEnded: (startedMs, status) => metrics.requestEnded(startedMs, status),
    callStarted: (call) => liveCalls.add(call),
    callEnded(call, failure) {
      liveCalls.remove(call);
      metrics.callEnded(failure);
      if (failure !== null && failure !== 'CALLER_GONE') logger.warn({ code: failure }, 'a call was not served');
    },
    captureFailed(cause) {
      metrics.captureFailed();
      logger.error({ error: cause }, 'a charge was not confirmed by the store');
    },
    failed: (cause) => logger.error({ error: cause }, 'a request failed in a way that should not be possible'),
  };
}

/** What the gate decides is routine and goes to the debug level, but for what points at a wallet or a store in trouble. */
export function logGateEvent(event: GateEvent, logger: Logger): void {
  if (event.type === 'lease_in_doubt') logger.warn({ event: event.type, error: event.cause }, 'a lease is in doubt');
  else if (event.type === 'refused' && event.cause !== undefined) {
    logger.warn({ event: event.type, code: event.code, error: event.cause }, 'a request was refused');
  } else if (event.type === 'claim_lost')
    logger.warn({ event: event.type, endpointId: event.endpointId }, 'a claim was lost');
  else if (event.type === 'settlement_asked' && event.answer !== 'settled') logUnsettled(event, logger);
  else if (logger.isLevelEnabled('debug')) logger.debug({ event }, 'the gate decided');
}

/** A preimage of an invoice that is not credited: it leaked, or the wallet is behind. Once for each time the wallet was asked. */
function logUnsettled(event: Extract<GateEvent, { type: 'settlement_asked' }>, logger: Logger): void {
  const { paymentHashHex, answer, cause } = event;
  const text =
    answer === 'none'
      ? 'the wallet could not say whether a payment has settled'
      : 'a credential was presented whose payment the wallet has not been credited with';
  logger.warn({ paymentHashHex, answer, ...(cause === undefined ? {} : { error: cause }) }, text);
}
