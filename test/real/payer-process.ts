import { type ChildProcess, spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { PaymentOutcome, PayRequest } from '@satway/wallets';
import { parseJson } from './network/index.js';

/** A payment in a process of its own, which runs the built product. */
export interface PayerProcess {
  readonly process: ChildProcess;
  /** `null` where the process ended without one. */
  readonly outcome: Promise<PaymentOutcome | null>;
}

export function payInProcess(connection: Readonly<Record<string, string>>, payment: PayRequest): PayerProcess {
  const script = fileURLToPath(new URL('./lnd-payer-process.mjs', import.meta.url));
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify({ connection, payment }));
  const outcome = text(child.stdout).then((printed) => {
    const [, line = ''] = printed.split('\n');
    return line === '' ? null : parseJson<PaymentOutcome>(line);
  });
  return { process: child, outcome };
}
