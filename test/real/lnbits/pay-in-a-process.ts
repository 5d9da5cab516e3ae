import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { PaymentOutcome, PayRequest } from '@satway/wallets';
import { parseJson } from '../network/parse-json.js';
import type { LnbitsWallet } from './lnbits-instance.js';

/** A payment in a process of its own. */
export interface PayingProcess {
  readonly outcome: Promise<PaymentOutcome>;
  /** Ends it at once, and waits until it is gone. */
  kill(): Promise<void>;
}

export function payInAProcess(url: string, wallet: LnbitsWallet, request: PayRequest): PayingProcess {
  const script = fileURLToPath(new URL('./pay-once.mjs', import.meta.url));
  const child: ChildProcessByStdio<null, Readable, null> = spawn(
    process.execPath,
    [script, url, JSON.stringify(request)],
    { stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, LNBITS_ADMIN_KEY: wallet.adminKey } },
  );
  const exited = once(child, 'exit');
  return {
    outcome: text(child.stdout).then((printed) => parseJson<PaymentOutcome>(printed)),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
