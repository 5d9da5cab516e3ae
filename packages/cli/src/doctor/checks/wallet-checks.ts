import type { WalletInspection } from '@satway/wallets';
import { type Finding, fail, ok, warn } from '../check.js';
import type { DoctorRole, SpendingPower, WalletFacts } from '../facts/index.js';

/** Whether the wallet answers, whatever its credential allows. */
export function checkReachable(facts: WalletFacts): Finding {
  const { name, inspection } = facts;
  if (inspection.known) return ok(`${name} answers.`);
  if (refusesCredential(facts)) return fail(`${name} answers, but refuses this credential: ${inspection.why}`, RENEW);
  return fail(`${name} does not answer: ${inspection.why}`, 'Mend its address, its certificate or its credential.');
}

const RENEW =
  'Make a new credential for this wallet. One that has ended or was revoked opens nothing, nor does a macaroon with a caveat that LND does not know, such as max_send_amount.';

/** The wallet was reached, and nothing else is known of it: it takes this credential for no call. */
function refusesCredential({ inspection }: WalletFacts): boolean {
  return !inspection.known && inspection.code === 'WALLET_PERMISSION_DENIED';
}

/** The chain that the wallet is on against the one that is configured. */
export function checkNetwork(facts: WalletFacts): Finding {
  const { name, network, inspection, configuredNetwork } = facts;
  if (!inspection.known) return unknownYet(facts, 'its network');
  if (network === null && configuredNetwork === null) {
    return warn(
      `${name}: this credential may not ask for the network, and none is configured.`,
      'Name the network in the configuration: an invoice of another one is then refused.',
    );
  }
  if (network === null) return ok(`${name} is held to ${configuredNetwork}; its credential may not ask.`);
  if (configuredNetwork !== null && configuredNetwork !== network) {
    return fail(`${name} is on ${network}, configured is ${configuredNetwork}.`, 'Mend the one that is wrong.');
  }
  return ok(`${name} is on ${network}${configuredNetwork === null ? '' : ', as configured'}.`);
}

/** What the credential may do against what its role needs. */
export function checkScope(facts: WalletFacts, role: DoctorRole): Finding {
  const { name, inspection, allowedPowers } = facts;
  if (refusesCredential(facts)) return fail(`${name} refuses this credential: it may do nothing.`, RENEW);
  if (!inspection.known) return unknownYet(facts, 'what its credential may do');
  if (role === 'pay') return buyingScope(name, inspection.value);
  return sellingScope(name, inspection.value, allowedPowers);
}

/** Whoever breaks into a seller gets what the credential allows: it must not be money. */
function sellingScope(name: string, inspection: WalletInspection, allowed: readonly SpendingPower[]): Finding {
  const { can, excess, howToNarrow } = inspection;
  const powers = ['pay', 'administer'] as const;
  const spends = powers.filter((power) => can[power] === true);
  const inDoubt = powers.filter((power) => can[power] === null && !allowed.includes(power));
  const refused = spends.filter((power) => !allowed.includes(power));
  if (refused.length > 0) {
    const what = `${name}: the credential of the selling side can ${refused.join(' and ')}${listed(excess.receive)}.`;
    return fail(what, howToNarrow.receive);
  }
  if (can.createInvoice === false) return fail(`${name}: it cannot make invoices.`, howToNarrow.receive);
  if (inDoubt.length > 0) {
    const what = `${name} does not tell whether it can ${inDoubt.join(' and ')}`;
    // Of an LND macaroon that can be decoded, the gateway goes by what stands in it.
    if (inspection.kind === 'lnd' && can.administer !== null) return warn(`${what}.`, howToNarrow.receive);
    return fail(`${what}: the gateway sells nothing with it.`, howToNarrow.receive);
  }
  if (spends.length > 0) {
    return warn(`${name} can ${spends.join(' and ')}, which was allowed by name.`, howToNarrow.receive);
  }
  const missing = inspection.missing?.receive ?? [];
  if (missing.length > 0) return warn(cannotSell(name, missing), howToNarrow.receive);
  if (excess.receive === null) return warn(cannotTell(name, 'receiving'), howToNarrow.receive);
  if (excess.receive.length === 0) return ok(`${name} can receive and nothing else.`);
  return warn(`${name} can do more than receive${listed(excess.receive)}.`, howToNarrow.receive);
}

function buyingScope(name: string, { can, excess, howToNarrow }: WalletInspection): Finding {
  if (can.pay === false) return fail(`${name}: the credential of the buying side cannot pay.`, howToNarrow.pay);
  // Where a kind of wallet has nothing smaller that pays, nothing is in excess.
  if (excess.pay !== null && excess.pay.length > 0)
    return warn(`${name} can do more than pay${listed(excess.pay)}.`, howToNarrow.pay);
  if (can.pay === null) return warn(`${name}: it could not be found out whether it can pay.`, howToNarrow.pay);
  if (excess.pay === null) return warn(cannotTell(name, 'paying'), howToNarrow.pay);
  return ok(`${name} can pay and nothing else.`);
}

function cannotSell(name: string, missing: readonly string[]): string {
  return `${name}: its credential lacks ${missing.join(', ')}; what cannot be looked up cannot be confirmed: with confirmSettlement on, buyers who have paid get 503.`;
}

function cannotTell(name: string, role: string): string {
  return `${name}: it could not be found out what its credential allows beyond ${role}.`;
}

function listed(excess: readonly string[] | null): string {
  return excess === null || excess.length === 0 ? '' : `: ${excess.join(', ')}`;
}

/** How many times the budget a wallet may hold before it looks like somebody's other money. */
const BUDGET_MULTIPLE = 10;

/** What may have left a wallet otherwise before it counts: a few tries of its owner. */
const OTHER_USE_SATS = 1000;

/** What the job itself may spend, and has spent. */
export interface JobMoney {
  readonly budgetMsat: number;
  /** By the purchase store; `null` where it cannot be read. */
  readonly spentMsat: number | null;
}

/** Whether this wallet is there for this job alone. */
export function checkDedicated(facts: WalletFacts, role: DoctorRole, job: JobMoney): Finding {
  const { name, inspection } = facts;
  if (!inspection.known) return unknownYet(facts, 'whether it is there for this alone');
  const ofBuyer = role === 'pay' ? [...signsOfSavings(facts, job.budgetMsat), ...signsOfTraffic(facts, job)] : [];
  const signs = [...signsOfPower(inspection.value.excess[role]), ...ofBuyer];
  const advice =
    'Give this job a wallet of its own (an account, a node or a connection), with no more in it than the job needs.';
  if (signs.length > 0) return warn(`${name}: ${signs.join('; ')}.`, advice);
  return ok(`Nothing shows that ${name} is used for anything else.`);
}

function signsOfPower(excess: readonly string[] | null): string[] {
  if (excess === null) return ['it could not be found out what its credential allows'];
  return excess.length > 0 ? ['its credential can do more than this job needs'] : [];
}

function signsOfTraffic({ sentSats }: WalletFacts, { spentMsat }: JobMoney): string[] {
  if (!sentSats.known || sentSats.value === null || spentMsat === null) return [];
  const others = sentSats.value - Math.ceil(spentMsat / 1000);
  if (others <= OTHER_USE_SATS) return [];
  return [`its channels have sent ${sentSats.value} sats, of which this purchase store spent ${sats(spentMsat)}`];
}

function signsOfSavings({ spendableMsat }: WalletFacts, budgetMsat: number): string[] {
  if (!spendableMsat.known || spendableMsat.value <= budgetMsat * BUDGET_MULTIPLE) return [];
  return [
    `it holds ${sats(spendableMsat.value)}, more than ${BUDGET_MULTIPLE} times the budget of ${sats(budgetMsat)}`,
  ];
}

/** The balance against what the operator is ready to lose. */
export function checkBalance({ name, spendableMsat }: WalletFacts, maxSats: number | null): Finding {
  if (!spendableMsat.known) {
    return warn(
      `${name}: this credential cannot tell the balance (${spendableMsat.why})`,
      'Look at the balance in the wallet itself, and move away what you are not ready to lose.',
    );
  }
  const holds = `${name} can spend ${sats(spendableMsat.value)}`;
  if (maxSats === null) {
    return warn(
      `${holds}; nobody said how much may be lost.`,
      'Say it: --max-balance-sats or SATWAY_MAX_BALANCE_SATS.',
    );
  }
  if (spendableMsat.value > maxSats * 1000) {
    return warn(`${holds}, more than the ${maxSats} sats that may be lost.`, 'Move the rest to another wallet.');
  }
  return ok(`${holds}, within the ${maxSats} sats that may be lost.`);
}

const CLOCK_WARN_MS = 60_000;
const CLOCK_FAIL_MS = 600_000;

/** Expiries of invoices and credentials are judged by our clock, settlement by the wallet's. */
export function checkClock(wallet: WalletFacts): Finding {
  const { clockOffsetMs } = wallet;
  const advice = 'Set both machines’ clocks from the network (NTP).';
  const [other, rest] = comparedWith(wallet);
  if (!clockOffsetMs.known) return warn(`The clock cannot be compared with ${other}: ${clockOffsetMs.why}`, advice);
  const seconds = Math.round(Math.abs(clockOffsetMs.value) / 1000);
  if (seconds <= 1) return ok(`The clock agrees with that of ${other}${rest}.`);
  const says = `The clock is ${seconds} s ${clockOffsetMs.value < 0 ? 'behind' : 'ahead of'} that of ${other}${rest}.`;
  if (Math.abs(clockOffsetMs.value) > CLOCK_FAIL_MS) return fail(says, advice);
  return Math.abs(clockOffsetMs.value) > CLOCK_WARN_MS ? warn(says, advice) : ok(says);
}

/** Whose clock was read, and what is to be said of the wallet's own where that is another. */
function comparedWith({ name, kind, host }: WalletFacts): readonly [other: string, rest: string] {
  if (kind !== 'nwc') return [name, ''];
  return [`the relay ${host ?? 'of its URI'}`, `; ${name} itself tells no time, so its clock is not known`];
}

/** A lost reply is looked up by its payment hash; without that right it stays unknown for ever. */
export function checkLookUp(facts: WalletFacts, role: DoctorRole): Finding {
  const { name, kind, inspection, canLookUp } = facts;
  if (role === 'receive') return ok('The selling side makes no payments to look up.');
  if (refusesCredential(facts)) return unknownYet(facts, 'whether payments can be looked up');
  const missing = (inspection.known ? inspection.value.missing?.pay : undefined) ?? [];
  if (missing.length > 0) return lacks(name, missing);
  if (canLookUp.known) return ok(`${name} lets payments be looked up.`);
  if (canLookUp.code !== 'WALLET_PERMISSION_DENIED') {
    return warn(
      `Whether payments can be looked up at ${name} is not known: ${canLookUp.why}`,
      'Mend it, and ask again.',
    );
  }
  return lacks(name, [kind === 'lnd' ? 'uri:/routerrpc.Router/TrackPaymentV2' : 'the right to look payments up']);
}

function lacks(name: string, permissions: readonly string[]): Finding {
  const list = permissions.join(', ');
  return warn(
    `The credential of ${name} lacks ${list}; without the right to look payments up, one whose reply is lost stays unknown.`,
    `Make it anew with ${list} as well.`,
  );
}

const CERTIFICATE_WARN_MS = 30 * 86_400_000;

/** LND makes a new key with its new certificate, and every pin breaks then. */
export function checkCertificate({ name, certificateEndsAtMs }: WalletFacts, nowMs: number): Finding {
  if (!certificateEndsAtMs.known) {
    return warn(`The pinned certificate of ${name} cannot be read: ${certificateEndsAtMs.why}`, 'Copy it anew.');
  }
  const endsAtMs = certificateEndsAtMs.value;
  if (endsAtMs === null) return ok(`No certificate file is pinned for ${name}.`);
  const until = new Date(endsAtMs).toISOString().slice(0, 10);
  const advice = 'Renew it at the wallet, and copy the new certificate to where it is pinned.';
  if (endsAtMs <= nowMs)
    return warn(`The pinned certificate of ${name} ended on ${until}; the next restart may break the pin.`, advice);
  if (endsAtMs - nowMs < CERTIFICATE_WARN_MS)
    return warn(`The pinned certificate of ${name} ends on ${until}.`, advice);
  return ok(`The pinned certificate of ${name} holds until ${until}.`);
}

/** Who could take the money or forge a proof besides whoever holds the credential. */
export function checkCustody({ name, kind, host, plainHttp }: WalletFacts): Finding {
  if (plainHttp && !isLoopback(host)) {
    return fail(`${name} is reached over plain http: its credential crosses the network in the clear.`, 'Use https.');
  }
  if (kind === 'lnbits' && !isLoopback(host)) {
    return warn(
      `${name}: whoever runs the LNbits at ${host ?? 'its address'} holds this money, and can make proofs of payment for it.`,
      'Trust that operator, keep little there, or run an LNbits of your own.',
    );
  }
  if (kind === 'nwc') return ok(`${name}: the money is with whoever runs the wallet service behind it.`);
  return ok(`${name} is reached at ${host ?? 'its address'}; nobody stands between.`);
}

function isLoopback(host: string | null): boolean {
  return host !== null && /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/.test(host);
}

function unknownYet(facts: WalletFacts, what: string): Finding {
  const why = refusesCredential(facts) ? 'refuses this credential' : 'does not answer';
  return warn(`${facts.name} ${why}, so ${what} is not known.`, 'Mend that first, then ask again.');
}

function sats(amountMsat: number): string {
  return `${Math.floor(amountMsat / 1000)} sats`;
}
