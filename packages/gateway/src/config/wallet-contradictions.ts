import { isLoopback, parseUrl } from './field-types.js';
import { type ConfigMistake, formatPath } from './mistake.js';
import { isPlaceholder } from './placeholders.js';
import { isWalletKind, secretKeys } from './wallet-secret.js';

type Entry = Readonly<Record<string, unknown>>;
type Path = readonly (string | number)[];

/** A wallet's entry in unchecked data, and where it stands. */
export interface PlacedWallet {
  readonly entry: Entry;
  readonly path: Path;
}

/** All wallets that a configuration names, in their order. */
export function placedWallets(root: Entry): PlacedWallet[] {
  const list: unknown = root['wallets'];
  const inList = Array.isArray(list) ? list.map((item: unknown, index) => placed(item, ['wallets', index])) : [];
  return [...(root['wallet'] === undefined ? [] : [placed(root['wallet'], ['wallet'])]), ...inList];
}

function placed(value: unknown, path: Path): PlacedWallet {
  const isEntry = typeof value === 'object' && value !== null && !Array.isArray(value);
  return { entry: isEntry ? (value as Entry) : {}, path };
}

/** What a file has against itself in naming its wallets. */
export function contradictionsOfWallets(root: Entry): ConfigMistake[] {
  const choice: ConfigMistake[] = [];
  if (root['wallet'] === undefined && root['wallets'] === undefined) {
    choice.push({ path: ['wallet'], message: 'is missing; give wallet, or wallets with several in order' });
  } else if (root['wallet'] !== undefined && root['wallets'] !== undefined) {
    choice.push({ path: ['wallets'], atKey: true, message: 'contradicts wallet; give one of the two' });
  }
  const wallets = placedWallets(root);
  return [...choice, ...wallets.flatMap(contradictionsOfWallet), ...severalNetworks(wallets)];
}

/** One shop sells on one chain. */
function severalNetworks(wallets: readonly PlacedWallet[]): ConfigMistake[] {
  const first = wallets.find(({ entry }) => entry['network'] !== undefined);
  const others = wallets.filter(
    ({ entry }) => !['undefined', String(first?.entry['network'])].includes(String(entry['network'])),
  );
  const message = `contradicts ${formatPath([...(first?.path ?? []), 'network'])}; all wallets must be on one network`;
  return others.map(({ path }) => ({ path: [...path, 'network'], atKey: true, message }));
}

/** What one wallet's entry has against itself; secrets are never quoted. */
export function contradictionsOfWallet({ entry, path }: PlacedWallet): ConfigMistake[] {
  return [...secretSources(entry, path), ...transport(entry, path)];
}

function secretSources(entry: Entry, path: Path): ConfigMistake[] {
  const { kind } = entry;
  if (!isWalletKind(kind)) return [];
  const [inline, file, variable] = secretKeys(kind);
  const given = [inline, file, variable].filter((key) => entry[key] !== undefined);
  if (given.length === 0) return [{ path, message: `needs one of ${file}, ${variable}` }];
  const message = `contradicts ${given[0]}; give one of the two`;
  return given.slice(1).map((key) => ({ path: [...path, key], atKey: true, message }));
}

function transport(entry: Entry, path: Path): ConfigMistake[] {
  const mistakes: ConfigMistake[] = [];
  const url = typeof entry['url'] === 'string' ? parseUrl(entry['url']) : null;
  const secret = isWalletKind(entry['kind']) ? secretKeys(entry['kind'])[0] : 'secret';
  if (url?.protocol === 'http:' && !isLoopback(url.hostname)) {
    mistakes.push({
      path: [...path, 'url'],
      message: `must be https: the ${secret} would cross the network in the clear`,
    });
  }
  const pins = ['tlsCertFile', 'tlsFingerprint'].filter((key) => entry[key] !== undefined);
  const at = (key: string, message: string): ConfigMistake => ({ path: [...path, key], atKey: true, message });
  if (url?.protocol === 'http:') mistakes.push(...pins.map((key) => at(key, 'contradicts the http:// of url')));
  else if (pins.length === 2) mistakes.push(at('tlsFingerprint', 'contradicts tlsCertFile; give one of the two'));
  return mistakes;
}

/** Secrets that stand in the file itself: a configuration is copied, shown and committed. Takes the data before placeholders are filled. */
export function plainSecrets(root: Entry): ConfigMistake[] {
  return placedWallets(root).flatMap(({ entry, path }) => {
    if (!isWalletKind(entry['kind'])) return [];
    const [inline, file, variable] = secretKeys(entry['kind']);
    const value = entry[inline];
    if (value === undefined || isPlaceholder(value)) return [];
    const message = `is a secret in plain text; use ${file} or ${variable}, or write \${NAME} for a variable`;
    return [{ path: [...path, inline], atKey: true, message }];
  });
}
