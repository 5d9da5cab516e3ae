import type { WalletInspection } from '@satway/wallets';
import type { DoctorFacts, GatewayFacts, WalletFacts } from '../../src/doctor/facts/index.js';

export const NOW_MS = 1_800_000_000_000;
export const DAY_MS = 86_400_000;

/** A credential that may pay and nothing else. */
export function inspectionWith(changes: Partial<WalletInspection> = {}): WalletInspection {
  return {
    kind: 'lnd',
    network: 'regtest',
    can: { pay: true, createInvoice: false, read: true, administer: false },
    excess: { pay: [], receive: [], read: [] },
    howToNarrow: { pay: 'bake a pay macaroon', receive: 'bake an invoice macaroon', read: 'bake a read macaroon' },
    ...changes,
  };
}

/** A wallet with which nothing is wrong. */
export function walletWith(changes: Partial<WalletFacts> = {}): WalletFacts {
  return {
    name: 'lnd of LND_REST_HOST',
    kind: 'lnd',
    identity: 'wallet-a',
    host: '127.0.0.1:8080',
    plainHttp: false,
    network: 'regtest',
    configuredNetwork: null,
    allowedPowers: [],
    inspection: { known: true, value: inspectionWith() },
    spendableMsat: { known: true, value: 10_000_000 },
    clockOffsetMs: { known: true, value: 400 },
    canLookUp: { known: true, value: true },
    sentSats: { known: true, value: 0 },
    certificateEndsAtMs: { known: true, value: NOW_MS + 200 * DAY_MS },
    ...changes,
  };
}

/** A gateway with which nothing is wrong. */
export function gatewayWith(changes: Partial<GatewayFacts> = {}): GatewayFacts {
  const keys = [{ id: 'aaaaaaaa', createdAtMs: NOW_MS - DAY_MS, verifyUntilMs: null, signs: true }];
  return {
    configPath: 'satway.yaml',
    store: { known: true, value: { kind: 'postgres', acceptPowerLoss: false } },
    keys: { known: true, value: keys },
    ...changes,
  };
}

/** A buying side with which nothing is wrong. */
export function factsWith(changes: Partial<DoctorFacts> = {}): DoctorFacts {
  return {
    role: 'pay',
    nowMs: NOW_MS,
    wallets: { known: true, value: [walletWith()] },
    budget: {
      total: { variable: 'BUDGET_SATS', sats: { known: true, value: 5000 } },
      perRequest: { variable: 'MAX_AUTO_PAY_SATS', sats: { known: true, value: 100 } },
      inStore: { known: true, value: [] },
    },
    maxBalance: { variable: 'SATWAY_MAX_BALANCE_SATS', sats: { known: true, value: 20_000 } },
    gateway: null,
    plainSecrets: { known: true, value: [] },
    dotenv: { known: true, value: [] },
    files: { known: true, value: [] },
    unread: [],
    unfilled: [],
    walletWarnings: [],
    unresolved: { known: true, value: [] },
    tlsUnchecked: false,
    ...changes,
  };
}

export function unknownBecause(why: string) {
  return { known: false, code: null, why } as const;
}
