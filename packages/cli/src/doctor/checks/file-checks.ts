import { basename, dirname, join } from 'node:path';
import { type Finding, fail, ok, warn, worstOf } from '../check.js';
import type { DoctorFacts, DotenvFacts, FileFacts, Learned, PlainSecret, UnreadFile } from '../facts/index.js';

/** Secrets belong into files of their own or into variables, where a copied configuration does not take them along. */
export function checkPlainSecrets(secrets: Learned<readonly PlainSecret[]>, unread: readonly UnreadFile[]): Finding {
  if (!secrets.known) {
    return warn(`The configuration cannot be read: ${secrets.why}`, 'Mend its path or its rights, then ask again.');
  }
  const notSeen = unread.map((file) => warnOfUnread(file, 'a secret may stand in it unseen'));
  return worstOf([...placesOf(secrets.value), ...notSeen], ok('No secret stands in a configuration file.'));
}

function placesOf(secrets: readonly PlainSecret[]): Finding[] {
  const inOrder = secrets.toSorted((a, b) => Number(a.isWalletFile) - Number(b.isWalletFile));
  const places = inOrder.map(({ file, line, name }) => `${file}:${line} (${name})`);
  if (places.length === 0) return [];
  if (inOrder.every(({ isWalletFile }) => isWalletFile)) {
    return [
      warn(
        `A secret stands in the wallet’s file: ${places.join(', ')}.`,
        'Keep that file out of git and of copies; or name the secret’s own file or variable in it (macaroonFile, keyFile, passwordFile, uriFile; macaroonEnv, keyEnv, passwordEnv, uriEnv).',
      ),
    ];
  }
  return [
    fail(
      `Secrets stand in a configuration file: ${places.join(', ')}.`,
      'Move each into a file of its own (rights 0600) or a variable, name that one instead, and make the secret anew.',
    ),
  ];
}

function warnOfUnread({ path, why }: UnreadFile, so: string): Finding {
  return warn(`${path} ${why}: ${so}.`, 'Mend it, then ask again.');
}

/** A `.env` that git does not ignore is published with the next commit. */
export function checkDotenv(files: Learned<readonly DotenvFacts[]>): Finding {
  if (!files.known) return warn(`Whether a .env is here is not known: ${files.why}`, 'Look for yourself.');
  const none = ok('There is no .env in this folder, nor beside a file that was named.');
  return worstOf(files.value.map(judgeDotenv), none);
}

function judgeDotenv({ path, state }: DotenvFacts): Finding {
  switch (state) {
    case 'ignored':
      return ok(`${path} is ignored by git.`);
    case 'outsideGit':
      return ok(`${path} lies in no git repository.`);
    case 'noGit':
      return ok(`${path} is here; no git is installed that could publish it.`);
    case 'unlisted':
      return warn(`Whether a .env lies in ${path} is not known: it cannot be listed.`, 'Look for yourself.');
    case 'unknown': {
      const ask = `git -C ${shellWord(dirname(path))} check-ignore -v ${basename(path)}`;
      return warn(`git does not say whether it ignores ${path}.`, `Ask it: ${ask}`);
    }
    case 'notIgnored':
      return fail(
        `${path} is not ignored by git: the next commit may publish it.`,
        `Add ${basename(path)} to ${join(dirname(path), '.gitignore')}; where it was committed before, make its secrets anew.`,
      );
  }
}

const GROUP_BITS = 0o070;
const OTHER_BITS = 0o007;
const GROUP_WRITES = 0o020;
const OTHER_WRITES = 0o002;

/** Who may read a secret has it; who may change where it is sent gets it. */
export function checkFiles({ files, unread, unfilled, walletWarnings }: DoctorFacts): Finding {
  if (!files.known)
    return warn(`The rights of the files are not known: ${files.why}`, 'Look at them: 0600, folders 0700.');
  const judged = files.value.map((file) => ({ path: file.path, finding: judgeFile(file) }));
  const wrong = judged.filter(({ finding }) => finding.verdict !== 'ok');
  // The same file need not be told twice.
  const others = walletWarnings.filter((warning) => !wrong.some(({ path }) => warning.includes(path)));
  return worstOf(
    [
      ...wrong.map(({ finding }) => finding),
      ...others.map((warning) => warn(warning, 'Do what it says.')),
      ...unread.map((file) => warnOfUnread(file, 'the files that it names were not looked at')),
      ...unfilled.map((file) => warnOfUnread(file, 'that file was not looked at')),
    ],
    ok(fineFiles(files.value)),
  );
}

function fineFiles(files: readonly FileFacts[]): string {
  const secrets = files.filter(({ isSecret }) => isSecret).length;
  const others = files.length - secrets;
  const rest = others === 0 ? '' : ` Nobody else may change ${others} that say where the wallet is.`;
  if (secrets === 0) return `There is no file with a secret here.${rest}`;
  return `${secrets} files and folders are for their owner alone.${rest}`;
}

function judgeFile({ path, what, isSecret, isFolder, mode, ownedByUs, ownedByRoot }: FileFacts): Finding {
  if (mode === null) return warn(`The rights of ${path} (${what}) are not known.`, 'Look at them yourself.');
  const shown = `${path} (${what}) has the rights ${(mode & 0o777).toString(8).padStart(4, '0')}`;
  const advice = `chmod ${isFolder ? '700' : '600'} ${shellWord(path)}`;
  if (!ownedByUs && !ownedByRoot) return warn(`${path} (${what}) belongs to another user.`, `Make it yours: chown.`);
  if (!isSecret) return changeable(shown, mode, path);
  if (isMountedSecret(path) && (mode & 0o022) === 0) return openMount(shown, mode);
  // What lies in a folder has rights of its own, which are looked at one by one; who writes there puts another in its place.
  if (isFolder && (mode & (GROUP_WRITES | OTHER_WRITES)) === 0) return listable(shown, mode, advice);
  if ((mode & (OTHER_BITS | GROUP_WRITES)) !== 0) return fail(`${shown}: others than its owner get at it.`, advice);
  if ((mode & GROUP_BITS) !== 0) return warn(`${shown}: its group may read it.`, advice);
  return ok(shown);
}

/** A file with addresses or a certificate: everybody may read it. */
function changeable(shown: string, mode: number, path: string): Finding {
  const advice = `chmod go-w ${shellWord(path)}`;
  const why = 'and so where the wallet’s secret is sent';
  if ((mode & OTHER_WRITES) !== 0) return fail(`${shown}: everybody may change it, ${why}.`, advice);
  if ((mode & GROUP_WRITES) !== 0) return warn(`${shown}: its group may change it, ${why}.`, advice);
  return ok(shown);
}

function listable(shown: string, mode: number, advice: string): Finding {
  if ((mode & (GROUP_BITS | OTHER_BITS)) === 0) return ok(shown);
  return warn(`${shown}: others see what is in it.`, advice);
}

/** Docker and Kubernetes mount secrets readable by all of the container unless told otherwise. */
function openMount(shown: string, mode: number): Finding {
  if ((mode & (GROUP_BITS | OTHER_BITS)) === 0) return ok(shown);
  return warn(`${shown}: every user of this container may read it.`, 'Mount the secret with the mode 0400.');
}

function isMountedSecret(path: string): boolean {
  return /^\/(var\/)?run\/secrets\//.test(path);
}

/** As a shell takes it, so that the line can be copied whatever the path holds. */
function shellWord(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
