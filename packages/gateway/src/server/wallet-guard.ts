import { SatwayError } from '@satway/base';
import { assertPowerLossAccepted } from '@satway/gate/claim-store/sql';
import type { BitcoinNetwork, InvoiceIssuer } from '@satway/wallets';
import type { GatewayConfig } from '../config/index.js';

type Guarded = Pick<GatewayConfig, 'store' | 'wallets'>;

/**
 * A wallet whose invoices are handed on only where they are on the configured network, and where the store is fit for that network. An invoice-only
 * credential does not let us ask for the network, so it is known only with the first invoice: later than the start, but before
 * anybody can pay.
 *
 * @throws {SatwayError} at once, where the network is known: `POWER_LOSS_NOT_ACCEPTED`, `WALLET_NETWORK_MISMATCH`.
 */
export function guardWallet(issuer: InvoiceIssuer, config: Guarded): InvoiceIssuer {
  const check = (network: BitcoinNetwork | null): void => checkNetwork(network, config);
  check(configuredNetwork(config));
  check(issuer.network);
  return {
    preimageIsProof: issuer.preimageIsProof,
    get network() {
      return issuer.network;
    },
    async create(request) {
      const issued = await issuer.create(request);
      check(issuer.network);
      return issued;
    },
    lookUp: (paymentHashHex) => issuer.lookUp(paymentHashHex),
    ...(issuer.isWithdrawn === undefined ? {} : { isWithdrawn: issuer.isWithdrawn.bind(issuer) }),
    ...(issuer.onSettled === undefined ? {} : { onSettled: issuer.onSettled.bind(issuer) }),
  };
}

/** All wallets of one shop are on one network; the configuration is refused otherwise. */
function configuredNetwork({ wallets }: Guarded): BitcoinNetwork | null {
  return wallets.find(({ settings }) => settings.network !== undefined)?.settings.network ?? null;
}

function checkNetwork(network: BitcoinNetwork | null, config: Guarded): void {
  if (network === null) return;
  const configured = configuredNetwork(config);
  if (configured !== null && configured !== network) {
    throw new SatwayError('WALLET_NETWORK_MISMATCH', { detail: `It is on ${network}, not on ${configured}.` });
  }
  const { store } = config;
  if (store.kind === 'pglite') assertPowerLossAccepted(network, store.acceptPowerLoss);
}
