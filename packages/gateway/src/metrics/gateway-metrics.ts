import type { ErrorCode } from '@satway/base';
import type { GateEvent } from '@satway/gate';
import type { WalletWatchEvent } from '@satway/wallets/watch';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Upper bounds of the latency classes, in seconds. */
const LATENCY_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/**
 * The figures of one gateway. What happens for each request is counted in plain fields and handed to the exposition when somebody scrapes:
 * a labelled counter costs a string for each step.
 */
export class GatewayMetrics {
  readonly registry = new Registry();
  /** By the first digit of the status; 0: the connection closed before there was one. */
  private readonly requestsByClass = new Float64Array(6);
  private readonly counts = {
    challenged: 0,
    challengesRepeated: 0,
    credentialsRefused: 0,
    granted: 0,
    replayed: 0,
    captured: 0,
    released: 0,
    claimsLost: 0,
    leasesInDoubt: 0,
    captureFailures: 0,
    callersGone: 0,
  };
  private readonly refusals = new Map<string, number>();
  private readonly originFailures = new Map<string, number>();
  private readonly settlements = new Map<string, number>();
  private readonly walletUp = new Map<string, number>();
  private readonly walletReceivable = new Map<string, number>();
  private readonly walletEvents = new Map<string, number>();
  private readonly latency: Histogram;

  constructor(callsUnderWay: () => number, heldBodyBytes: () => number = () => 0) {
    this.latency = new Histogram({
      name: 'satway_request_duration_seconds',
      help: 'From the head of a request until its connection was done with the answer.',
      buckets: LATENCY_SECONDS,
      registers: [this.registry],
    });
    this.registerRequests();
    this.registerCounts();
    this.registerByCode('satway_refused_total', 'Requests that the gate refused, by code.', this.refusals);
    this.registerByCode(
      'satway_origin_failures_total',
      'Calls that the origin did not serve, by code.',
      this.originFailures,
    );
    this.register(
      'satway_settlements_asked_total',
      'Payments that the wallet was asked for before their first use, by its answer.',
      ['answer'],
      (counter) => {
        for (const [answer, count] of this.settlements) counter.inc({ answer }, count);
      },
    );
    this.registerWallets();
    this.registerGauge('satway_calls_under_way', 'Calls that the origin has not finished answering.', callsUnderWay);
    this.registerGauge('satway_held_body_bytes', 'Request bodies that are held for paid calls.', heldBodyBytes);
  }

  requestEnded(startedMs: number, status: number): void {
    const statusClass = Math.min(5, Math.floor(status / 100));
    this.requestsByClass[statusClass] = (this.requestsByClass[statusClass] ?? 0) + 1;
    this.latency.observe((performance.now() - startedMs) / 1_000);
  }

  callEnded(failure: ErrorCode | null): void {
    if (failure === 'CALLER_GONE') this.counts.callersGone += 1;
    else if (failure !== null) increment(this.originFailures, failure);
  }

  captureFailed(): void {
    this.counts.captureFailures += 1;
  }

  gateEvent(event: GateEvent): void {
    if (event.type === 'challenged') this.countChallenge(event.offer);
    else if (event.type === 'credential_refused') this.counts.credentialsRefused += 1;
    else if (event.type === 'refused') increment(this.refusals, event.code);
    else if (event.type === 'granted') this.countGrant(event.via);
    else if (event.type === 'captured') this.counts.captured += 1;
    else if (event.type === 'released') this.counts.released += 1;
    else if (event.type === 'claim_lost') this.counts.claimsLost += 1;
    else if (event.type === 'settlement_asked') increment(this.settlements, event.answer);
    else this.counts.leasesInDoubt += 1;
  }

  walletEvent(event: WalletWatchEvent): void {
    if (event.type === 'wallet_read') {
      this.walletUp.set(event.wallet, 1);
      if (event.inboundMsat === null) this.walletReceivable.delete(event.wallet);
      else this.walletReceivable.set(event.wallet, event.inboundMsat);
    } else if (event.type === 'wallet_read_failed') this.walletUp.set(event.wallet, 0);
    else increment(this.walletEvents, `${event.wallet} ${event.type}`);
  }

  private countChallenge(offer: 'new' | 'repeated'): void {
    this.counts.challenged += 1;
    if (offer === 'repeated') this.counts.challengesRepeated += 1;
  }

  private countGrant(via: 'claim' | 'replay'): void {
    this.counts.granted += 1;
    if (via === 'replay') this.counts.replayed += 1;
  }

  private registerRequests(): void {
    const { requestsByClass } = this;
    this.register('satway_requests_total', 'Requests, by class of status.', ['status'], (counter) => {
      requestsByClass.forEach((count, digit) => counter.inc({ status: digit === 0 ? 'none' : `${digit}xx` }, count));
    });
  }

  private registerCounts(): void {
    const { counts } = this;
    this.registerCount('satway_challenges_total', 'Answers 402.', () => counts.challenged);
    this.registerCount(
      'satway_challenges_repeated_total',
      'Answers 402 that offered an open invoice again.',
      () => counts.challengesRepeated,
    );
    this.registerCount(
      'satway_credentials_refused_total',
      'Credentials that were refused.',
      () => counts.credentialsRefused,
    );
    this.registerCount('satway_paid_requests_total', 'Requests that were let in by a payment.', () => counts.granted);
    this.registerCount('satway_replays_total', 'Paid answers that were sent again.', () => counts.replayed);
    this.registerCount('satway_captured_total', 'Charges that became final.', () => counts.captured);
    this.registerCount('satway_released_total', 'Uses that were given back.', () => counts.released);
    this.registerCount('satway_claims_lost_total', 'Claims whose lease ran out under a call.', () => counts.claimsLost);
    this.registerCount(
      'satway_leases_in_doubt_total',
      'Leases that could not be renewed or given back.',
      () => counts.leasesInDoubt,
    );
    this.registerCount(
      'satway_capture_failures_total',
      'Charges that the store did not confirm.',
      () => counts.captureFailures,
    );
    this.registerCount(
      'satway_callers_gone_total',
      'Callers who left before their answer was whole.',
      () => counts.callersGone,
    );
  }

  private registerCount(name: string, help: string, read: () => number): void {
    this.register(name, help, [], (counter) => counter.inc(read()));
  }

  private registerByCode(name: string, help: string, counts: ReadonlyMap<string, number>): void {
    this.register(name, help, ['code'], (counter) => {
      for (const [code, count] of counts) counter.inc({ code: code.toLowerCase() }, count);
    });
  }

  private register(name: string, help: string, labelNames: string[], fill: (counter: Counter) => void): void {
    const counter = new Counter({
      name,
      help,
      labelNames,
      registers: [],
      collect() {
        this.reset();
        fill(this);
      },
    });
    this.registry.registerMetric(counter);
  }

  private registerWallets(): void {
    this.registerByWallet('satway_wallet_up', 'Whether the wallet answered when it was last looked at.', this.walletUp);
    this.registerByWallet(
      'satway_wallet_receivable_msat',
      'What the wallet can receive at most; not there where it does not tell.',
      this.walletReceivable,
    );
    const { walletEvents } = this;
    this.register(
      'satway_wallet_events_total',
      'What changed at a wallet: unreachable, back, inbound low or ok.',
      ['wallet', 'event'],
      (counter) => {
        for (const [key, count] of walletEvents) {
          const [wallet = '', event = ''] = key.split(' ');
          counter.inc({ wallet, event: event.replace(/^wallet_/, '') }, count);
        }
      },
    );
  }

  private registerByWallet(name: string, help: string, values: ReadonlyMap<string, number>): void {
    const gauge = new Gauge({
      name,
      help,
      labelNames: ['wallet'],
      registers: [],
      collect() {
        this.reset();
        for (const [wallet, value] of values) this.set({ wallet }, value);
      },
    });
    this.registry.registerMetric(gauge);
  }

  private registerGauge(name: string, help: string, read: () => number): void {
    const gauge = new Gauge({
      name,
      help,
      registers: [],
      collect() {
        this.set(read());
      },
    });
    this.registry.registerMetric(gauge);
  }
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
