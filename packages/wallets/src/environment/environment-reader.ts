import { notConfigured } from './not-configured.js';
import { isTooOpen, readNamedFile } from './secret-file.js';
import { SECRET_VARIABLES, type WalletVariable } from './variables.js';

/** The environment of a process, as `process.env` shows it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Something that works, and should be mended. */
export interface EnvironmentWarning {
  /** Name of the variable. */
  readonly variable: string;
  readonly detail: string;
  /** What to do about it. */
  readonly fix: string;
}

/** Reads variables from their own text or from the file that their `_FILE` variant names, and remembers which. An empty variable counts as not set. */
export class EnvironmentReader {
  /** Names of the variables that were read, in order. */
  readonly source: string[] = [];
  readonly warnings: EnvironmentWarning[] = [];
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** The names under which a variable is set: its own, its `_FILE` variant, both or none. */
  namesSet(variable: WalletVariable): string[] {
    return [variable, `${variable}_FILE`].filter((name) => (this.#environment[name] ?? '') !== '');
  }

  has(variable: WalletVariable): boolean {
    return this.namesSet(variable).length > 0;
  }

  /** @throws {SatwayError} `WALLET_NOT_CONFIGURED`, naming all that is missing. */
  require(...variables: readonly WalletVariable[]): void {
    const missing = variables.filter((variable) => !this.has(variable));
    if (missing.length === 0) return;
    throw notConfigured(`Not set: ${missing.map((name) => `${name} (or ${name}_FILE)`).join(', ')}.`);
  }

  /** The value without the line breaks at its end, and without the byte order mark that some editors put before a text. @throws {SatwayError} `WALLET_NOT_CONFIGURED`. */
  text(variable: WalletVariable): string {
    const text = this.bytes(variable)
      .toString('utf8')
      .replace(/^\uFEFF/, '')
      .replace(/[\r\n]+$/, '');
    if (text === '') throw notConfigured(`${this.#nameOf(variable)} is empty.`);
    return text;
  }

  /** The value as it is. @throws {SatwayError} `WALLET_NOT_CONFIGURED`. */
  bytes(variable: WalletVariable): Buffer {
    const name = this.#nameOf(variable);
    this.source.push(name);
    const value = this.#environment[name] ?? '';
    return name === variable ? Buffer.from(value) : this.#file(variable, name, value);
  }

  /** Whether the value stands in the variable itself, not in the file of its `_FILE` variant. */
  isInline(variable: WalletVariable): boolean {
    return this.namesSet(variable)[0] === variable;
  }

  /** The file whose path is the value of the variable itself. @throws {SatwayError} `WALLET_NOT_CONFIGURED`. */
  fileAt(variable: WalletVariable, path: string): Buffer {
    return this.#file(variable, variable, path);
  }

  #file(variable: WalletVariable, name: string, path: string): Buffer {
    const bytes = readNamedFile(name, path);
    if (SECRET_VARIABLES.includes(variable) && isTooOpen(path)) this.warnings.push(tooOpen(name, path));
    return bytes;
  }

  #nameOf(variable: WalletVariable): string {
    this.require(variable);
    const [name = variable, second] = this.namesSet(variable);
    if (second === undefined) return name;
    throw notConfigured(`${name} and ${second} are both set; unset one of them.`);
  }
}

function tooOpen(variable: string, path: string): EnvironmentWarning {
  return {
    variable,
    detail: `The file ${path} can be read by everybody, or written by others than its owner.`,
    fix: `chmod 600 ${quoted(path)}`,
  };
}

/** As a shell takes it, so that the line can be copied whatever the path holds. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
