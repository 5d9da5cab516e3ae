import type { SentSecrets } from './sent-secrets.js';

/** An address without the secrets in its path and query, into which a redirect can put them. Scheme and host stay: it must be seen who is spoken to, and it must stay an address. */
export function shownAddress({ strip }: Pick<SentSecrets, 'strip'>, address: string): string {
  const { protocol, host, href } = new URL(address);
  const head = `${protocol}//${host}`;
  return href.startsWith(head) ? head + strip(href.slice(head.length)) : head;
}
