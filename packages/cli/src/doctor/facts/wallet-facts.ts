import { randomBytes, X509Certificate } from 'node:crypto';
import { createEgress, type Egress } from '@satway/egress';
import type { ReadingWallet } from '@satway/wallets';
import { connectReadingWallet, inspectWallet, type WalletSettings } from '@satway/wallets/open-wallet';
import type { SpendingPower, WalletFacts } from './facts.js';
import { learn } from './learned.js';
import { addressOf, readClockOffset } from './wallet-clock.js';

/** A wallet and where it was named. */
export interface NamedWallet {
  readonly settings: WalletSettings;
  readonly source: string;
  readonly allowedPowers: readonly SpendingPower[];
  /** What was careless about how it was named. */
  readonly warnings: readonly string[];
}

/** Asks one wallet all that its credential lets us ask, with calls that move nothing and make nothing. */
export async function gatherWallet({ settings, source, allowedPowers }: NamedWallet): Promise<WalletFacts> {
  const egress = createEgress();
  try {
    const [inspection, clockOffsetMs, sentSats, certificateEndsAtMs, asPayer] = await Promise.all([
      learn(() => inspectWallet(settings, { egress })),
      learn(() => readClockOffset(settings, egress)),
      learn(() => readSent(settings, egress)),
      learn(() => certificateEnd(settings)),
      askAsPayer(settings, egress),
    ]);
    const network = (inspection.known ? inspection.value.network : null) ?? asPayer.network;
    const told = { inspection, clockOffsetMs, sentSats, certificateEndsAtMs };
    return { ...describe(settings, source), allowedPowers, ...asPayer, ...told, network };
  } finally {
    await learn(() => egress.close());
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

/** What only a wallet that is connected for paying answers; of one that cannot be, why not. */
async function askAsPayer(settings: WalletSettings, egress: Egress) {
  const paying = await learn(() => connectReadingWallet(settings, { egress }));
  if (!paying.known) return { identity: null, network: null, spendableMsat: paying, canLookUp: paying };
  const wallet = paying.value;
  try {
    const [spendableMsat, canLookUp] = await Promise.all([
      learn(async () => (await wallet.balance()).spendableMsat),
      learn(() => lookUpNothing(wallet)),
    ]);
    return { identity: wallet.identity, network: wallet.network, spendableMsat, canLookUp };
  } finally {
    await learn(() => wallet.close());
  }
}

/** A hash that nobody ever paid: the answer does not matter, only that there is one. */
async function lookUpNothing(wallet: ReadingWallet): Promise<true> {
  await wallet.lookUp(randomBytes(32).toString('hex'));
  return true;
}

async function readSent(settings: WalletSettings, egress: Egress): Promise<number | null> {
  if (settings.kind !== 'lnd') return null;
  const { readLndTraffic } = await import('@satway/wallets/lnd');
  return (await readLndTraffic({ ...settings, egress })).sentSats;
}

function certificateEnd(settings: WalletSettings): number | null {
  const pem = settings.kind === 'lnd' ? settings.tlsCertPem : undefined;
  return pem === undefined ? null : Date.parse(new X509Certificate(pem).validTo);
}
