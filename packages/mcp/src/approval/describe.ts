import type { Approval } from '@satway/client';

const MAX_URL_CHARS = 300;
const MAX_WORDS_CHARS = 200;

const SENT_BEFORE = 'it was sent before, and no answer came; the wallet pays it once';

/** One line of what a person decides about. */
export interface ApprovalLine {
  readonly label: string;
  readonly value: string;
}

/**
 * What a person has to know before the yes, price first. Addresses are the model's choice and descriptions the seller's: neither can bring a line, a control
 * character or a change of the direction of writing into it.
 */
export function describeApproval(approval: Approval): ApprovalLine[] {
  const { amountMsat, feeCeilingMsat, payeeHex, method, url, description, expiresAtMs, paymentHashHex } = approval;
  const again = approval.sentBefore ? [{ label: 'Again', value: SENT_BEFORE }] : [];
  const lines = [
    { label: 'Price', value: formatSats(amountMsat) },
    ...again,
    { label: 'Fees', value: `at most ${formatSats(feeCeilingMsat)}` },
    { label: 'Host', value: new URL(url).host },
    { label: 'Request', value: `${method} ${shortened(url, MAX_URL_CHARS)}` },
    { label: 'Payee', value: `node ${payeeHex}` },
    { label: 'Payment hash', value: paymentHashHex },
    { label: 'Expires', value: new Date(expiresAtMs).toISOString() },
  ];
  if (description === null) return lines;
  return [...lines, { label: 'The seller’s words', value: strangersWords(description) }];
}

/** What a tool tells a model while a person is waited for. Nothing in it approves anything. */
export function describeWaiting({ approvalId, amountMsat, feeCeilingMsat, url, expiresAtMs }: Approval): string {
  const price = `${formatSats(amountMsat)} and at most ${formatSats(feeCeilingMsat)} in fees`;
  return [
    `This costs ${price} at ${new URL(url).host}: more than may be spent without asking a person. Nothing was paid yet.`,
    `A person has to look at it and approve it outside of this conversation: satway approve ${approvalId}`,
    `Tell them so; you cannot do it for them. It expires ${new Date(expiresAtMs).toISOString()}.`,
  ].join('\n');
}

/** A stranger's text in quotation marks, cut, without anything that moves the cursor or turns the direction of writing. */
export function strangersWords(words: string): string {
  const plain = words.replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu, '\u{fffd}');
  return JSON.stringify(shortened(plain, MAX_WORDS_CHARS));
}

/** Millisatoshis for people, in groups of three digits. */
export function formatSats(amountMsat: number): string {
  const whole = Math.floor(amountMsat / 1000);
  const rest = amountMsat % 1000;
  const grouped = String(whole).replaceAll(/\B(?=(\d{3})+$)/g, ',');
  const text = rest === 0 ? grouped : `${grouped}.${String(rest).padStart(3, '0')}`;
  return `${text} ${amountMsat === 1000 ? 'sat' : 'sats'}`;
}

/** The beginning and the end; where something is hidden, it is in the middle and visibly so. */
function shortened(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const half = Math.floor(maxChars / 2);
  return `${text.slice(0, half)} … (${text.length - 2 * half} more characters) … ${text.slice(-half)}`;
}
