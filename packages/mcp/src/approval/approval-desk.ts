import type { Approval, PurchaseStore } from '@satway/client';
import { openApprovalPage } from './page/index.js';
import { formatSats } from './describe.js';

export interface ApprovalDeskOptions {
  readonly store: Pick<PurchaseStore, 'approvals'>;
  /** A line for the person who runs this process, where no model reads: stderr. */
  readonly tell: (line: string) => void;
  /** Whether questions are shown on a page on 127.0.0.1 as well. */
  readonly page: boolean;
}

/** Where one process calls its person to purchases that wait. */
export interface ApprovalDesk {
  announce(approval: Approval): void;
  close(): Promise<void>;
}

export function openApprovalDesk({ store, tell, page }: ApprovalDeskOptions): ApprovalDesk {
  const pages = page ? openApprovalPage({ store }) : null;
  return {
    announce(approval) {
      const { approvalId, amountMsat, url, expiresAtMs } = approval;
      const what = `${formatSats(amountMsat)} at ${new URL(url).host}`;
      tell(
        `Waits for your yes: ${what}, until ${new Date(expiresAtMs).toISOString()}. Run: satway approve ${approvalId}`,
      );
      // The address goes to the person alone: whoever knows it can approve.
      pages?.addressFor(approval).then(
        (address) => tell(`Or open, once: ${address}`),
        () => tell('No page could be opened on 127.0.0.1; the terminal it is.'),
      );
    },
    async close() {
      await pages?.close();
    },
  };
}
