import { describe, expect, it } from 'vitest';
import type { Check } from '../../src/doctor/check.js';
import type { DoctorFacts, FileFacts, WalletFacts } from '../../src/doctor/facts/index.js';
import { judgeFacts } from '../../src/doctor/judge.js';
import { DAY_MS, factsWith, gatewayWith, inspectionWith, NOW_MS, unknownBecause, walletWith } from './facts.js';

function judged(id: string, changes: Partial<DoctorFacts>): Check {
  const check = judgeFacts(factsWith(changes)).find((each) => each.id === id);
  if (check === undefined) throw new Error(`there is no check ${id}`);
  return check;
}

function ofWallet(id: string, changes: Partial<WalletFacts>, role: DoctorFacts['role'] = 'pay'): Check {
  return judged(id, { role, wallets: { known: true, value: [walletWith(changes)] } });
}

const sellerPowers = { pay: false, createInvoice: true, read: true, administer: false };
const known = <T>(value: T) => ({ known: true, value }) as const;

describe('the checklist', () => {
  it('has these lines in this order, and all are ok where nothing is wrong', () => {
    const checks = judgeFacts(factsWith());
    expect(checks.map(({ id }) => id)).toEqual([
      'wallet-reachable',
      'network',
      'dedicated-wallet',
      'credential-scope',
      'budget',
      'secrets-in-config',
      'dotenv',
      'file-permissions',
      'balance-at-risk',
      'key-age',
      'tls-verification',
      'tls-certificate',
      'clock',
      'payment-look-up',
      'unresolved-payments',
      'store-durability',
      'custody',
    ]);
    expect(checks.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
    expect(checks.every(({ detail, fix }) => detail !== '' && fix === '')).toBe(true);
  });

  it('goes on where one check breaks, and says so on its line', () => {
    const broken = { ...walletWith(), clockOffsetMs: null } as unknown as WalletFacts;
    const checks = judgeFacts(factsWith({ wallets: known([broken]) }));
    expect(checks.find(({ id }) => id === 'clock')).toMatchObject({ verdict: 'warn' });
    expect(checks.filter(({ verdict }) => verdict !== 'ok').map(({ id }) => id)).toEqual(['clock']);
  });

  it('has a fix on every line that is not ok', () => {
    const nothing = unknownBecause('nobody knows');
    const worst = factsWith({
      wallets: nothing,
      plainSecrets: nothing,
      dotenv: nothing,
      files: nothing,
      unresolved: nothing,
      gateway: gatewayWith({ store: nothing, keys: nothing }),
      maxBalance: { variable: 'SATWAY_MAX_BALANCE_SATS', sats: nothing },
      budget: {
        total: { variable: 'BUDGET_SATS', sats: nothing },
        perRequest: { variable: 'MAX_AUTO_PAY_SATS', sats: nothing },
        inStore: nothing,
      },
      tlsUnchecked: true,
    });
    const bad = judgeFacts(worst);
    expect(bad.filter(({ verdict, fix }) => verdict === 'ok' || fix === '')).toEqual([]);
  });

  it('takes the worst of several wallets of a seller, and tells of that one', () => {
    const far = walletWith({ name: 'second', clockOffsetMs: known(700_000) });
    expect(judged('clock', { wallets: known([walletWith(), far]) })).toMatchObject({
      verdict: 'fail',
      detail: expect.stringMatching(/^(?!.*LND_REST_HOST).*second/),
    });
  });
});

describe('a seller’s credential', () => {
  it('that makes invoices and cannot look them up is a warning that names what to add', () => {
    const missing = { receive: ['uri:/lnrpc.Lightning/LookupInvoice'], pay: [], read: [] };
    const inspection = known(inspectionWith({ can: sellerPowers, missing }));
    expect(ofWallet('credential-scope', { inspection }, 'receive')).toMatchObject({
      verdict: 'warn',
      detail: expect.stringMatching(/lacks uri:\/lnrpc\.Lightning\/LookupInvoice.*confirmSettlement/),
      fix: 'bake an invoice macaroon',
    });
    const whole = known(inspectionWith({ can: sellerPowers, missing: { ...missing, receive: [] } }));
    expect(ofWallet('credential-scope', { inspection: whole }, 'receive')).toMatchObject({ verdict: 'ok' });
  });
});

describe('the wallet', () => {
  it('that refuses the credential is called reached, and the credential is to blame', () => {
    const refused = { known: false, code: 'WALLET_PERMISSION_DENIED', why: 'caveat "x" not satisfied' } as const;
    const changes = { inspection: refused, canLookUp: refused, spendableMsat: refused };
    for (const id of ['wallet-reachable', 'credential-scope']) {
      const check = ofWallet(id, changes);
      expect(check).toMatchObject({ verdict: 'fail', detail: expect.stringContaining('refuses this credential') });
      expect(check.detail).not.toContain('does not answer');
      expect(check.fix).toContain('max_send_amount');
    }
    for (const id of ['network', 'dedicated-wallet', 'payment-look-up']) {
      const check = ofWallet(id, changes);
      expect(check).toMatchObject({ verdict: 'warn', detail: expect.stringContaining('refuses this credential, so') });
      expect(check.fix).not.toContain('TrackPaymentV2');
    }
  });

  it('that does not answer fails, and what depends on it is a warning', () => {
    const silent = { inspection: unknownBecause('ECONNREFUSED') };
    expect(ofWallet('wallet-reachable', silent)).toMatchObject({ verdict: 'fail' });
    for (const id of ['network', 'dedicated-wallet', 'credential-scope'])
      expect(ofWallet(id, silent)).toMatchObject({ verdict: 'warn' });
  });

  it.each([
    ['regtest', 'regtest', 'ok'],
    ['bitcoin', null, 'ok'],
    [null, 'bitcoin', 'ok'],
    [null, null, 'warn'],
    ['regtest', 'bitcoin', 'fail'],
  ] as const)('on %s where %s is configured: %s', (network, configuredNetwork, verdict) => {
    expect(ofWallet('network', { network, configuredNetwork })).toMatchObject({ verdict });
  });

  it.each([
    [0, 'ok'],
    [60_000, 'ok'],
    [60_001, 'warn'],
    [-60_001, 'warn'],
    [600_000, 'warn'],
    [600_001, 'fail'],
    [-600_001, 'fail'],
  ])('whose clock is %i ms off: %s', (offsetMs, verdict) => {
    expect(ofWallet('clock', { clockOffsetMs: known(offsetMs) })).toMatchObject({ verdict });
  });

  it('behind Nostr is not said to have a clock: only its relay’s was read', () => {
    const relay = { kind: 'nwc', name: 'nwc of NWC_URI', host: 'relay.example' } as const;
    const { verdict, detail } = ofWallet('clock', relay);
    expect(verdict).toBe('ok');
    expect(detail).toBe(
      'The clock agrees with that of the relay relay.example; nwc of NWC_URI itself tells no time, so its clock is not known.',
    );
    expect(ofWallet('clock', { ...relay, clockOffsetMs: known(90_000) })).toMatchObject({
      verdict: 'warn',
      detail: expect.stringContaining('90 s ahead of that of the relay relay.example'),
    });
  });

  it('that tells no time is a warning', () => {
    expect(ofWallet('clock', { clockOffsetMs: unknownBecause('no Date') })).toMatchObject({ verdict: 'warn' });
  });

  it.each([
    [NOW_MS + 31 * DAY_MS, 'ok'],
    [NOW_MS + 29 * DAY_MS, 'warn'],
    [NOW_MS - DAY_MS, 'warn'],
    [null, 'ok'],
  ])('whose pinned certificate ends at %s: %s', (endsAtMs, verdict) => {
    expect(ofWallet('tls-certificate', { certificateEndsAtMs: known(endsAtMs) })).toMatchObject({ verdict });
  });

  it('that is reached over plain http fails, but on this machine', () => {
    expect(ofWallet('custody', { plainHttp: true, host: 'node.example:8080' })).toMatchObject({ verdict: 'fail' });
    expect(ofWallet('custody', { plainHttp: true, host: '127.0.0.1:8080' })).toMatchObject({ verdict: 'ok' });
    expect(ofWallet('custody', { plainHttp: true, host: '127.0.0.1.evil.example' })).toMatchObject({ verdict: 'fail' });
  });

  it('of somebody else’s LNbits is a warning that names the host', () => {
    expect(ofWallet('custody', { kind: 'lnbits', host: 'lnbits.example' })).toMatchObject({
      verdict: 'warn',
      detail: expect.stringContaining('lnbits.example'),
    });
    expect(ofWallet('custody', { kind: 'lnbits', host: 'localhost:5000' })).toMatchObject({ verdict: 'ok' });
  });

  it('that lets no payment be looked up is a warning that names LND’s permission', () => {
    const refused = { known: false, code: 'WALLET_PERMISSION_DENIED', why: 'permission denied' } as const;
    expect(ofWallet('payment-look-up', { canLookUp: refused })).toMatchObject({
      verdict: 'warn',
      fix: expect.stringContaining('/routerrpc.Router/TrackPaymentV2'),
    });
    const missing = { pay: ['uri:/lnrpc.Lightning/GetInfo'], receive: [], read: [] };
    expect(ofWallet('payment-look-up', { inspection: known(inspectionWith({ missing })) })).toMatchObject({
      verdict: 'warn',
      fix: expect.stringContaining('uri:/lnrpc.Lightning/GetInfo'),
    });
    expect(ofWallet('payment-look-up', { canLookUp: refused }, 'receive')).toMatchObject({ verdict: 'ok' });
  });
});

describe('the credential', () => {
  it.each([
    ['that can pay', { ...sellerPowers, pay: true }],
    ['that can administer', { ...sellerPowers, administer: true }],
  ])('of the selling side %s fails, with how to make a smaller one', (_what, can) => {
    expect(ofWallet('credential-scope', { inspection: known(inspectionWith({ can })) }, 'receive')).toMatchObject({
      verdict: 'fail',
      fix: 'bake an invoice macaroon',
    });
  });

  it('of the selling side that can pay is a warning where its operator allowed that by name, and only that', () => {
    const inspection = known(inspectionWith({ can: { ...sellerPowers, pay: true } }));
    const allowing = (allowedPowers: WalletFacts['allowedPowers']) =>
      ofWallet('credential-scope', { inspection, allowedPowers }, 'receive').verdict;
    expect(allowing(['pay'])).toBe('warn');
    expect(allowing(['administer'])).toBe('fail');
  });

  it.each([
    ['receives and nothing else', { can: sellerPowers }, 'ok'],
    ['is not known to be unable to pay', { kind: 'phoenixd', can: { ...sellerPowers, pay: null } }, 'fail'],
    ['is not known to be unable to administer', { can: { ...sellerPowers, administer: null } }, 'fail'],
    ['its macaroon says cannot pay, though its LND does not', { can: { ...sellerPowers, pay: null } }, 'warn'],
    ['can read more', { can: sellerPowers, excess: { pay: [], receive: ['onchain:read'], read: [] } }, 'warn'],
    ['may do anything beyond receiving', { can: sellerPowers, excess: { pay: [], receive: null, read: null } }, 'warn'],
    ['cannot make invoices', { can: { ...sellerPowers, createInvoice: false } }, 'fail'],
  ] as const)('of the selling side that %s', (_what, changes, verdict) => {
    const inspection = known(inspectionWith(changes));
    expect(ofWallet('credential-scope', { inspection }, 'receive')).toMatchObject({ verdict });
  });

  it.each([
    ['cannot pay', { can: sellerPowers }, 'fail'],
    ['can do more than pay', { excess: { pay: ['macaroon:generate'], receive: [], read: [] } }, 'warn'],
    ['is not known to pay', { can: { ...sellerPowers, pay: null } }, 'warn'],
    ['pays, and may do anything beyond it', { excess: { pay: null, receive: null, read: null } }, 'warn'],
  ] as const)('of the buying side that %s', (_what, changes, verdict) => {
    const check = ofWallet('credential-scope', { inspection: known(inspectionWith(changes)) });
    expect(check).toMatchObject({ verdict, fix: 'bake a pay macaroon' });
  });

  it('of the buying side is right where its kind has nothing smaller that pays, though it administers', () => {
    const can = { pay: true, createInvoice: true, read: true, administer: true };
    const inspection = known(inspectionWith({ kind: 'lnbits', can }));
    expect(ofWallet('credential-scope', { inspection })).toMatchObject({ verdict: 'ok' });
    expect(ofWallet('dedicated-wallet', { inspection })).toMatchObject({ verdict: 'ok' });
  });

  it('that can do too much is a sign that its wallet is used for more', () => {
    const inspection = known(inspectionWith({ excess: { pay: ['onchain:write'], receive: [], read: [] } }));
    expect(ofWallet('dedicated-wallet', { inspection })).toMatchObject({ verdict: 'warn' });
    expect(ofWallet('dedicated-wallet', { inspection }, 'receive')).toMatchObject({ verdict: 'ok' });
  });

  it('of which nobody can tell what it allows is no sign that its wallet is there for this alone', () => {
    const inspection = known(inspectionWith({ excess: { pay: null, receive: [], read: [] } }));
    expect(ofWallet('dedicated-wallet', { inspection })).toMatchObject({ verdict: 'warn' });
    expect(ofWallet('credential-scope', { inspection }).detail).toContain('could not be found out');
  });

  it('names what it can do too much', () => {
    const inspection = known(inspectionWith({ excess: { pay: ['macaroon:generate'], receive: [], read: [] } }));
    expect(ofWallet('credential-scope', { inspection }).detail).toContain('macaroon:generate');
  });
});

describe('the money', () => {
  it.each([
    [50_000_000, 'ok'],
    [50_001_000, 'warn'],
  ])('of a wallet with %i msat beside a budget of 5000 sats: %s', (spendableMsat, verdict) => {
    expect(ofWallet('dedicated-wallet', { spendableMsat: known(spendableMsat) })).toMatchObject({ verdict });
  });

  it('that left the channels beyond what the store spent is a sign of another use, but for a few tries', () => {
    const spent = {
      budgetId: 'default',
      parentId: null,
      capMsat: null,
      reservedMsat: 0,
      spentMsat: 2_000_000,
      frozenReason: null,
    };
    const budget = { ...factsWith().budget, inStore: known([spent]) };
    const verdict = (sentSats: number | null, role: DoctorFacts['role'] = 'pay') =>
      judged('dedicated-wallet', { role, budget, wallets: known([walletWith({ sentSats: known(sentSats) })]) }).verdict;
    expect([verdict(null), verdict(2000), verdict(3000), verdict(3001)]).toEqual(['ok', 'ok', 'ok', 'warn']);
    expect(verdict(9000, 'receive')).toBe('ok');
  });

  it('of a seller’s wallet may be more than any budget', () => {
    const rich = { spendableMsat: known(9_000_000_000) };
    expect(ofWallet('dedicated-wallet', rich, 'receive')).toMatchObject({ verdict: 'ok' });
  });

  it.each([
    [20_000_000, 'ok'],
    [20_000_001, 'warn'],
  ])('of %i msat where 20000 sats may be lost: %s', (spendableMsat, verdict) => {
    expect(ofWallet('balance-at-risk', { spendableMsat: known(spendableMsat) })).toMatchObject({ verdict });
  });

  it('of which nobody said how much may be lost is a warning that tells the balance', () => {
    const maxBalance = { variable: 'SATWAY_MAX_BALANCE_SATS', sats: known(null) };
    expect(judged('balance-at-risk', { maxBalance })).toMatchObject({
      verdict: 'warn',
      detail: expect.stringContaining('10000 sats'),
    });
  });

  it('whose limits are not set is a warning with the defaults, and one that cannot be read fails', () => {
    const budget = factsWith().budget;
    const unset = { ...budget, total: { variable: 'BUDGET_SATS', sats: known(null) } };
    expect(judged('budget', { budget: unset })).toMatchObject({
      verdict: 'warn',
      detail: expect.stringContaining('5000 sats'),
    });
    const wrong = { ...budget, perRequest: { variable: 'MAX_AUTO_PAY_SATS', sats: unknownBecause('no number') } };
    expect(judged('budget', { budget: wrong })).toMatchObject({ verdict: 'fail' });
    expect(judged('budget', { budget: unset, role: 'receive' })).toMatchObject({ verdict: 'ok' });
  });

  it('that a running client may spend at most counts as a limit, where no other is set', () => {
    const cap = {
      budgetId: 'default',
      parentId: null,
      capMsat: 70_000,
      reservedMsat: 0,
      spentMsat: 0,
      frozenReason: null,
    };
    const unset = { variable: 'BUDGET_SATS', sats: known(null) };
    const budget = { ...factsWith().budget, total: unset, inStore: known([cap]) };
    expect(judged('budget', { budget })).toMatchObject({ verdict: 'ok', detail: expect.stringContaining('70 sats') });
    const idle = { ...budget, inStore: known([{ ...cap, capMsat: null }]) };
    expect(judged('budget', { budget: idle })).toMatchObject({ verdict: 'warn' });
  });

  it('of a frozen budget is a warning', () => {
    const frozen = {
      budgetId: 'default',
      parentId: null,
      capMsat: null,
      reservedMsat: 0,
      spentMsat: 9,
      frozenReason: 'overrun',
    };
    const budget = { ...factsWith().budget, inStore: known([frozen]) };
    expect(judged('budget', { budget })).toMatchObject({ verdict: 'warn', detail: expect.stringContaining('overrun') });
  });

  it('of payments without a known end is a warning that names how to end them, but not while somebody has them in hand', () => {
    const payment = {
      paymentHashHex: 'ab'.repeat(32),
      amountMsat: 5000,
      isDirect: false,
      ageMs: 7_300_000,
      inHand: false,
      diagnosis: 'stuck',
    } as const;
    expect(judged('unresolved-payments', { unresolved: known([payment]) })).toMatchObject({
      verdict: 'warn',
      detail: expect.stringMatching(/1 of them stuck.*abababab… \(5000 msat, 2 h, stuck\)/),
      fix: expect.stringContaining('satway wallet resolve'),
    });
    const direct = { ...payment, isDirect: true, amountMsat: null, ageMs: null, diagnosis: 'open' } as const;
    expect(judged('unresolved-payments', { unresolved: known([direct]) })).toMatchObject({
      verdict: 'warn',
      detail: expect.stringContaining('abababab… (its record is damaged)'),
      fix: expect.stringContaining(`satway wallet look-up ${payment.paymentHashHex}`),
    });
    const inHand = { ...payment, inHand: true };
    expect(judged('unresolved-payments', { unresolved: known([inHand]) })).toMatchObject({ verdict: 'ok' });
  });
});

describe('files', () => {
  const file = (changes: Partial<FileFacts>): FileFacts => ({
    path: '/home/ana/keys.json',
    what: 'keys',
    isSecret: true,
    isFolder: false,
    mode: 0o600,
    ownedByUs: true,
    ownedByRoot: false,
    ...changes,
  });

  it.each([
    [{ mode: 0o600 }, 'ok'],
    [{ mode: 0o400 }, 'ok'],
    [{ mode: 0o640 }, 'warn'],
    [{ mode: 0o644 }, 'fail'],
    [{ mode: 0o620 }, 'fail'],
    [{ mode: 0o604 }, 'fail'],
    [{ mode: 0o700, isFolder: true }, 'ok'],
    [{ mode: 0o755, isFolder: true }, 'warn'],
    [{ mode: 0o770, isFolder: true }, 'fail'],
    [{ mode: 0o757, isFolder: true }, 'fail'],
    [{ ownedByUs: false }, 'warn'],
    [{ ownedByUs: false, ownedByRoot: true }, 'ok'],
    [{ mode: 0o444, path: '/run/secrets/macaroon', ownedByUs: false, ownedByRoot: true }, 'warn'],
    [{ mode: 0o446, path: '/run/secrets/macaroon' }, 'fail'],
  ] as const)('with %j: %s', (changes, verdict) => {
    expect(judged('file-permissions', { files: known([file({}), file(changes)]) })).toMatchObject({ verdict });
  });

  it.each([
    [{ mode: 0o644 }, 'ok'],
    [{ mode: 0o664 }, 'warn'],
    [{ mode: 0o646 }, 'fail'],
    [{ mode: 0o666 }, 'fail'],
    [{ mode: 0o644, ownedByUs: false }, 'warn'],
  ] as const)('without a secret, with %j: %s', (changes, verdict) => {
    const files = known([file({}), file({ isSecret: false, ...changes })]);
    expect(judged('file-permissions', { files })).toMatchObject({ verdict });
  });

  it('that nobody could look at are a warning', () => {
    const files = known([file({ mode: null, ownedByUs: false })]);
    expect(judged('file-permissions', { files })).toMatchObject({
      verdict: 'warn',
      detail: 'The rights of /home/ana/keys.json (keys) are not known.',
    });
  });

  it('are counted: those that are for their owner alone, and those that others may not change', () => {
    const detailOf = (...each: FileFacts[]) => judged('file-permissions', { files: known(each) }).detail;
    const open = file({ isSecret: false, mode: 0o644 });
    expect(detailOf()).toBe('There is no file with a secret here.');
    expect(detailOf(file({}), open)).toMatch(/^1 files .* owner alone\. Nobody else may change 1 /);
    expect(detailOf(open)).toMatch(/^There is no file with a secret here\. Nobody else may change 1 /);
  });

  it('of which the reading of the wallet warned are told too, once each', () => {
    const warning = '/home/ana/keys.json holds a secret and may be read by others: chmod 600 /home/ana/keys.json';
    const alone = judged('file-permissions', { walletWarnings: [warning] });
    expect([alone.verdict, alone.detail]).toEqual(['warn', warning]);
    const both = judged('file-permissions', { walletWarnings: [warning], files: known([file({ mode: 0o644 })]) });
    expect(both).toMatchObject({ verdict: 'fail', detail: expect.not.stringContaining('holds a secret') });
  });

  it('that a file would name which is no YAML are not called right', () => {
    const unread = [{ path: 'wallet.yaml', why: 'is no YAML that can be used' }];
    for (const id of ['file-permissions', 'secrets-in-config'])
      expect(judged(id, { unread })).toMatchObject({
        verdict: 'warn',
        detail: expect.stringMatching(/^wallet\.yaml is no YAML that can be used: /),
      });
    const plainSecrets = known([{ file: 'satway.yaml', line: 12, name: 'password', isWalletFile: false }]);
    expect(judged('secrets-in-config', { unread, plainSecrets })).toMatchObject({ verdict: 'fail' });
  });

  it('that are named by a variable which is not set are not called right', () => {
    const unfilled = [{ path: 'w.yaml', why: 'names a file by a variable that is not set (keyFile)' }];
    expect(judged('file-permissions', { unfilled })).toMatchObject({
      verdict: 'warn',
      detail: expect.stringContaining('(keyFile): that file was not looked at.'),
    });
    expect(judged('secrets-in-config', { unfilled })).toMatchObject({ verdict: 'ok' });
  });

  it('say how to mend them, a folder otherwise than a file', () => {
    const fixOf = (changes: Partial<FileFacts>) => judged('file-permissions', { files: known([file(changes)]) }).fix;
    expect(fixOf({ mode: 0o644 })).toBe('chmod 600 /home/ana/keys.json');
    expect(fixOf({ mode: 0o755, isFolder: true })).toBe('chmod 700 /home/ana/keys.json');
    expect(fixOf({ mode: 0o644, path: "/ana's/my keys" })).toBe("chmod 600 '/ana'\\''s/my keys'");
    expect(fixOf({ mode: 0o666, isSecret: false, path: '/my cfg' })).toBe("chmod go-w '/my cfg'");
  });

  it('that are wrong are all named, the worst first, and those that are right are not', () => {
    const files = known([file({ path: '/a', mode: 0o640 }), file({ path: '/b' }), file({ path: '/c', mode: 0o644 })]);
    const { verdict, detail, fix } = judged('file-permissions', { files });
    expect([verdict, fix]).toEqual(['fail', 'chmod 600 /c chmod 600 /a']);
    expect(detail).toMatch(/^\/c .*\/a /);
    expect(detail).not.toContain('/b');
  });

  it('of a configuration with a secret in it fail, and the line is named', () => {
    const plainSecrets = known([{ file: 'satway.yaml', line: 12, name: 'password', isWalletFile: false }]);
    expect(judged('secrets-in-config', { plainSecrets })).toMatchObject({
      verdict: 'fail',
      detail: expect.stringContaining('satway.yaml:12 (password)'),
    });
  });

  it('of a wallet alone, with its secret in it, are a warning: that is allowed there', () => {
    const plainSecrets = known([{ file: 'wallet.yaml', line: 3, name: 'password', isWalletFile: true }]);
    expect(judged('secrets-in-config', { plainSecrets })).toMatchObject({
      verdict: 'warn',
      detail: expect.stringContaining('wallet.yaml:3 (password)'),
      fix: expect.stringContaining('passwordEnv'),
    });
    const both = known([...plainSecrets.value, { file: 'satway.yaml', line: 1, name: 'key', isWalletFile: false }]);
    expect(judged('secrets-in-config', { plainSecrets: both })).toMatchObject({
      verdict: 'fail',
      detail: expect.stringMatching(/satway\.yaml:1 .*wallet\.yaml:3/),
    });
  });

  it.each([
    ['ignored', 'ok'],
    ['outsideGit', 'ok'],
    ['noGit', 'ok'],
    ['unknown', 'warn'],
    ['unlisted', 'warn'],
    ['notIgnored', 'fail'],
  ] as const)('named .env that git finds %s: %s', (state, verdict) => {
    expect(judged('dotenv', { dotenv: known([{ path: '.env', state }]) })).toMatchObject({ verdict });
  });

  it('named .env is told with the folder in which it is to be ignored', () => {
    const fixOf = (path: string) => judged('dotenv', { dotenv: known([{ path, state: 'notIgnored' }]) }).fix;
    expect(fixOf('.env')).toMatch(/^Add \.env to \.gitignore;/);
    expect(fixOf('../cfg/.env')).toMatch(/^Add \.env to \.\.\/cfg\/\.gitignore;/);
  });
});

describe('a gateway', () => {
  const key = (createdAtMs: number, verifyUntilMs: number | null = null, signs = true) => ({
    id: 'aaaaaaaa',
    createdAtMs,
    verifyUntilMs,
    signs,
  });

  it.each([
    ['is young', [key(NOW_MS - 180 * DAY_MS)], 'ok'],
    ['is older than 180 days', [key(NOW_MS - 181 * DAY_MS)], 'warn'],
    ['stands beside one that verifies nothing any more', [key(NOW_MS), key(1, NOW_MS - 1, false)], 'warn'],
    ['stands beside one that still verifies', [key(NOW_MS), key(1, NOW_MS + DAY_MS, false)], 'ok'],
  ] as const)('whose signing key %s', (_what, keys, verdict) => {
    expect(judged('key-age', { gateway: gatewayWith({ keys: known([...keys]) }) })).toMatchObject({ verdict });
  });

  it.each([
    ['postgres', 'bitcoin', false, 'ok'],
    ['pglite', 'bitcoin', true, 'warn'],
    ['pglite', 'bitcoin', false, 'fail'],
    ['memory', 'bitcoin', false, 'fail'],
    ['pglite', 'regtest', false, 'ok'],
    ['memory', 'signet', false, 'ok'],
    ['pglite', null, false, 'warn'],
  ] as const)('with %s on %s (power loss accepted: %s): %s', (kind, network, acceptPowerLoss, verdict) => {
    const gateway = gatewayWith({ store: known({ kind, acceptPowerLoss }) });
    const wallets = known([walletWith({ network, configuredNetwork: null })]);
    expect(judged('store-durability', { gateway, wallets })).toMatchObject({ verdict });
  });

  it('whose configuration or keys cannot be read fails', () => {
    const gateway = gatewayWith({ store: unknownBecause('3 mistakes'), keys: unknownBecause('missing') });
    expect(judged('store-durability', { gateway })).toMatchObject({ verdict: 'fail' });
    expect(judged('key-age', { gateway })).toMatchObject({ verdict: 'fail' });
  });
});

describe('the process', () => {
  it('that does not check certificates fails', () => {
    expect(judged('tls-verification', { tlsUnchecked: true })).toMatchObject({ verdict: 'fail' });
  });
});
