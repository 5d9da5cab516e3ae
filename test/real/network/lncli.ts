import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findPrograms } from './programs.js';
import type { LndNode } from './lnd.js';

const run = promisify(execFile);

/**
 * Runs a command line as a person types it on the node (`lncli bakemacaroon …`), with the node's admin macaroon and in that folder.
 *
 * @returns what it printed.
 */
export async function runLncli(node: LndNode, commandLine: string, folder: string): Promise<string> {
  const [program, ...args] = commandLine.trim().split(/\s+/);
  if (program !== 'lncli') throw new Error(`not a command of lncli: ${commandLine}`);
  const access = [
    '--network=regtest',
    `--rpcserver=${node.rpcAddress}`,
    `--tlscertpath=${node.tlsCertPath}`,
    `--macaroonpath=${node.adminMacaroonPath}`,
  ];
  const { stdout } = await run(join(findPrograms(), 'lncli'), [...access, ...args], { cwd: folder });
  return stdout;
}
