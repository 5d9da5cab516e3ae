import { randomBytes, X509Certificate } from 'node:crypto';
import { createEgress, type Egress } from '@satway/egress';
import type { PayingWallet } from '@satway/wallets';
import { connectPayingWallet, inspectWallet, type WalletSettings } from '@satway/wallets/open-wallet';
import type { SpendingPower, WalletFacts } from './facts.js';
import { known, learn, type Learned } from './learned.js';
import { addressOf, readClockOffset } from './wallet-clock.js';

/** A wallet and where it was named. */
export interface NamedWallet {
  readonly settings: WalletSettings;
  readonly source: string;
  readonly allowedPowers: readonly SpendingPower[];
}

/** Asks one wallet all that its credential lets us ask, with calls that move nothing and make nothing. */
export async function gatherWallet({ settings, source, allowedPowers }: NamedWallet): Promise<WalletFacts> {
  const egress = createEgress();
  const paying = await learn(() => connectPayingWallet(settings, { egress }));
  try {
    const [inspection, clockOffsetMs, spendableMsat, canLookUp, sentSats] = await Promise.all([
      learn(() => inspectWallet(settings, { egress })),
      learn(() => readClockOffset(settings, egress)),
      ask(paying, async (wallet) => (await wallet.balance()).spendableMsat),
      ask(paying, lookUpNothing),
      learn(() => readSent(settings, egress)),
    ]);
    const network =
      (inspection.known ? inspection.value.network : null) ?? (paying.known ? paying.value.network : null);
    const identity = paying.known ? paying.value.identity : null;
    const facts = { identity, network, inspection, clockOffsetMs, spendableMsat, canLookUp, sentSats };
    return {
      ...describe(settings, source),
      allowedPowers,
      ...facts,
      certificateEndsAtMs: await certificateEnd(settings),
    };
  } finally {
    await closeAll(paying, egress);
  }
}

function describe(settings: WalletSettings, source: string) {
  const address = addressOf(settings);
  return {
    name: `${settings.kind} of ${source}`,
    kind: settings.kind,
    host: address?.host ?? null,
    plainHttp: address !== null && address.protocol === 'http:',
    configuredNetwork: settings.network ?? null,
  };
}

/** What the wallet answers when it is connected as one that pays; why not, where it could not be. */
async function ask<T>(
  paying: Learned<PayingWallet>,
  question: (wallet: PayingWallet) => Promise<T>,
): Promise<Learned<T>> {
  return paying.known ? learn(() => question(paying.value)) : paying;
}

/** A hash that nobody ever paid: the answer does not matter, only that there is one. */
async function lookUpNothing(wallet: PayingWallet): Promise<true> {
  await wallet.lookUp(randomBytes(32).toString('hex'));
  return true;
}

async function readSent(settings: WalletSettings, egress: Egress): Promise<number | null> {
  if (settings.kind !== 'lnd') return null;
  const { readLndTraffic } = await import('@satway/wallets/lnd');
  return (await readLndTraffic({ ...settings, egress })).sentSats;
}

function certificateEnd(settings: WalletSettings): Promise<Learned<number | null>> {
  const pem = settings.kind === 'lnd' ? settings.tlsCertPem : undefined;
  if (pem === undefined) return Promise.resolve(known(null));
  return learn(() => Date.parse(new X509Certificate(pem).validTo));
}

/** What breaks while closing was never asked for. */
async function closeAll(paying: Learned<PayingWallet>, egress: Egress): Promise<void> {
  if (paying.known) await learn(() => paying.value.close());
  await learn(() => egress.close());
}
