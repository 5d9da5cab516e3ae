import { readFileSync, statSync } from 'node:fs';
import { SatwayError } from '@satway/base';
import { type FoundToken, findTokens, openPurchaseStore, type PurchaseStore, readTokenFile } from '@satway/client';
import type { Command } from 'commander';
import { createOutput, type Output } from '../output/index.js';
import { purchaseStorePath } from '../pay/satway-home.js';

interface ImportOptions {
  readonly url?: string;
  readonly plainHttp?: boolean;
  readonly store?: string;
  readonly json?: boolean;
}

/** No token comes near: a macaroon has 4 KiB at most. */
const MAX_FILE_BYTES = 65_536;

const HELP = `
Reads l402.token (formerly lsat.token) of an Aperture client, and lnget's folder of them. Pending ones are left where they are: only their own program can tell what
became of the payment. The files are not changed; whoever still has them can use what was paid for.

Examples:
  satway credentials import ~/.lnget/tokens
  satway credentials import ./l402.token --url https://api.example.com/v1`;

export function addCredentialsImportCommand(credentials: Command): void {
  credentials
    .command('import')
    .description('Take in what an Aperture client or lnget has paid for.')
    .argument('<path>', 'a token file, the folder of one, or the folder of lnget')
    .option('--url <url>', 'what a single token opens; only the host that it names ever sees it')
    .option('--plain-http', 'the hosts in the folder of lnget speak http')
    .option('--store <file>', 'file of purchases')
    .option('--json', 'print one JSON object for each token')
    .addHelpText('after', HELP)
    .action((path: string, options: ImportOptions) => importAll(path, options));
}

function importAll(path: string, options: ImportOptions): void {
  const output = createOutput(options.json === true);
  const tokens = readable(path, () => findTokens(path));
  const [first] = tokens;
  if (first === undefined) throw new SatwayError('CREDENTIAL_FILE_INVALID', { detail: 'There is no token there.' });
  if (options.url !== undefined && tokens.length > 1) usage('--url is for a single token.');
  const store = openPurchaseStore({ path: options.store ?? purchaseStorePath(process.env) });
  try {
    const refusals = tokens.map((token) => importOne(store, token, options, output)).filter((error) => error !== null);
    if (tokens.length > 1) for (const error of refusals) output.warn(error.message);
    if (refusals[0] !== undefined) throw refusals[0];
  } finally {
    store.close();
  }
}

/** @returns what stands against it, so that the others are taken in all the same. */
function importOne(
  store: PurchaseStore,
  found: FoundToken,
  options: ImportOptions,
  output: Output,
): SatwayError | null {
  const read = readable(found.path, () => readBounded(found.path));
  const token = readTokenFile(read);
  if (!token.ok) return refusal(token.code, found.path, token.detail);
  const url = options.url ?? urlOf(found, options.plainHttp === true);
  const taken = store.credentials.importToken(token.value, { url, nowMs: Date.now() });
  if (!taken.ok) return refusal(taken.code, found.path, taken.detail);
  const { origin } = new URL(url);
  const { paymentHashHex } = token.value;
  output.event({ ...taken.value, origin, paymentHash: paymentHashHex, file: found.path });
  output.line(`${taken.value.added ? 'Taken in' : 'Known already'}: ${taken.value.credentialId} for ${origin}.`);
  return null;
}

function urlOf({ host }: FoundToken, plainHttp: boolean): string {
  if (host === null) return usage('Say with --url what the token opens.');
  return `${plainHttp ? 'http' : 'https'}://${host}/`;
}

function readBounded(path: string): Uint8Array {
  if (statSync(path).size > MAX_FILE_BYTES) {
    throw new SatwayError('CREDENTIAL_FILE_INVALID', { detail: 'It is larger than any token.' });
  }
  return readFileSync(path);
}

function readable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof SatwayError) throw cause;
    throw new SatwayError('CREDENTIAL_FILE_INVALID', { detail: `${path} cannot be read.`, cause });
  }
}

function refusal(code: SatwayError['code'], path: string, detail = ''): SatwayError {
  return new SatwayError(code, { detail: `${path}: ${detail}`.replace(/: $/, '.') });
}

function usage(detail: string): never {
  throw new SatwayError('CLI_USAGE', { detail });
}
