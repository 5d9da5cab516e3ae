const UNUSUAL = /[^A-Za-z0-9-]/;
const ALL_UNUSUAL = /[^a-z0-9-]/g;

/**
 * The name with which a program behind CGI, FastCGI or WSGI (RFC 3875, 4.1.18) would confuse this one. There `X_Payment_Hash` and, at some
 * servers, `X.Payment.Hash` are the same variable as `X-Payment-Hash`, so that a name must be judged as its twin is.
 *
 * @returns the twin in lower case; `null` for a name of letters, digits and hyphens, which is nearly every one.
 */
export function hyphenTwin(name: string): string | null {
  return UNUSUAL.test(name) ? name.toLowerCase().replace(ALL_UNUSUAL, '-') : null;
}
