import type { CredentialPowers, ReceivingWallet, WalletInspection, WalletRole } from '../wallet.js';

const ROLES: readonly WalletRole[] = ['receive', 'pay', 'read'];

/**
 * What all credentials together allow: a power that one has is there, and one that could not be found out is open. A wallet that cannot be asked leaves all
 * powers open.
 *
 * @throws what the first wallet threw, where none can be asked.
 */
export async function inspectAll(wallets: readonly ReceivingWallet[]): Promise<WalletInspection> {
  const answers = await Promise.allSettled(wallets.map((wallet) => wallet.inspect()));
  const inspections = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  const [first] = inspections;
  const failed = answers.find((answer) => answer.status === 'rejected');
  if (first === undefined) throw failed?.reason;
  return {
    kind: wallets[0]?.kind ?? first.kind,
    network: inspections.find(({ network }) => network !== null)?.network ?? null,
    can: mergePowers(inspections, failed !== undefined),
    excess: byRole((role) => mergeExcess(inspections, role, failed !== undefined)),
    howToNarrow: byRole((role) => [...new Set(inspections.map(({ howToNarrow }) => howToNarrow[role]))].join(' ')),
  };
}

/** `null` where none is known and one of them could not be asked, or did not tell. */
function mergeExcess(
  inspections: readonly WalletInspection[],
  role: WalletRole,
  isOneUnknown: boolean,
): string[] | null {
  const known = [...new Set(inspections.flatMap(({ kind, excess }) => named(kind, excess[role] ?? [])))];
  const isOpen = isOneUnknown || inspections.some(({ excess }) => excess[role] === null);
  return isOpen && known.length === 0 ? null : known;
}

function named(kind: string, powers: readonly string[]): string[] {
  return powers.map((power) => `${kind}: ${power}`);
}

function mergePowers(inspections: readonly WalletInspection[], isOneUnknown: boolean): CredentialPowers {
  const merge = (name: keyof CredentialPowers): boolean | null => {
    const values = inspections.map(({ can }) => can[name]);
    if (values.includes(true)) return true;
    return isOneUnknown || values.includes(null) ? null : false;
  };
  return {
    pay: merge('pay'),
    createInvoice: merge('createInvoice'),
    read: merge('read'),
    administer: merge('administer'),
  };
}

function byRole<T>(make: (role: WalletRole) => T): Record<WalletRole, T> {
  return Object.fromEntries(ROLES.map((role) => [role, make(role)])) as Record<WalletRole, T>;
}
