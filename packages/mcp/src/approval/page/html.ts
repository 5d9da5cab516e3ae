import type { Approval } from '@satway/client';
import { describeApproval, formatSats } from '../describe.js';
import { invoiceAsQrSvg } from '../invoice-qr.js';

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}
h1{font-size:1.4rem}dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1rem}dt{color:#555}dd{margin:0;overflow-wrap:anywhere}
button{font:inherit;padding:.6rem 1.2rem;margin-right:1rem}svg{width:14rem;height:14rem}code{overflow-wrap:anywhere;font-size:.8rem}`;

/** What the page needs beside the approval. */
export interface PageSecrets {
  /** Comes back with the form. */
  readonly csrfToken: string;
  /** Allows this page's own style and nothing else. */
  readonly nonce: string;
}

export function questionPage(approval: Approval, { csrfToken, nonce }: PageSecrets): string {
  const price = formatSats(approval.amountMsat);
  const lines = describeApproval(approval)
    .map(({ label, value }) => `<dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd>`)
    .join('\n');
  return htmlPage(
    `Pay ${price}?`,
    nonce,
    `<dl>\n${lines}\n</dl>
<form method="post">
<input type="hidden" name="csrf" value="${escapeHtml(csrfToken)}">
<button name="decision" value="no" autofocus>No</button>
<button name="decision" value="yes">Yes, pay ${escapeHtml(price)}</button>
</form>
<p>It is paid from this program’s wallet, once, and cannot be undone. The code below is the same invoice, to be looked at with another wallet; paying it there does not pay for this request.</p>
${invoiceAsQrSvg(approval.invoice)}
<p><code>${escapeHtml(approval.invoice)}</code></p>`,
  );
}

export function messagePage(message: string, nonce: string): string {
  return htmlPage(message, nonce, '<p>You can close this page.</p>');
}

function htmlPage(title: string, nonce: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title><style nonce="${nonce}">${STYLE}</style></head>
<body><h1>${escapeHtml(title)}</h1>
${body}
</body></html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
