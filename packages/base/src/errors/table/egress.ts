import type { ErrorEntry } from '../error-entry.js';

/** Rows of the `egress` room. `facts.requestMayHaveBeenSent` tells whether a byte of the request can have left. */
export const egressErrors = {
  EGRESS_URL_INVALID: {
    message: 'The address is not an http or https URL.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Give an absolute URL that starts with http:// or https://, without a user name or password in it.',
  },
  EGRESS_ADDRESS_REFUSED: {
    message: 'The host does not lie in the public Internet.',
    httpStatus: 502,
    fundsMoved: 'no',
    nextStep:
      'Nothing was sent. If the host is yours, or one you trust, name it: SATWAY_ALLOW_HOSTS=host:port, or the option `allowHosts`.',
  },
  EGRESS_HOSTS_INVALID: {
    message: 'A host that may be private is not written as `host` or `host:port`.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Write hosts without a scheme and a path, several with commas between them, IPv6 in brackets.',
  },
  EGRESS_UNREACHABLE: {
    message: 'No connection could be made.',
    httpStatus: 502,
    fundsMoved: 'no',
    nextStep: 'Check the address and that the other side runs, then try again.',
  },
  EGRESS_TLS_MISMATCH: {
    message: 'The other side shows another TLS certificate than the pinned one.',
    httpStatus: 502,
    fundsMoved: 'no',
    nextStep: 'If its certificate was renewed, pin the new one; otherwise do not trust it.',
  },
  EGRESS_TIMEOUT: {
    message: 'The exchange took longer than its time limit.',
    httpStatus: 504,
    fundsMoved: 'unknown',
    nextStep: 'If the request carried a payment, look the payment up before anything else.',
  },
  EGRESS_BROKEN: {
    message: 'The connection broke before the exchange was complete.',
    httpStatus: 502,
    fundsMoved: 'unknown',
    nextStep: 'If the request carried a payment, look the payment up before anything else.',
  },
  EGRESS_TOO_LARGE: {
    message: 'The answer is larger than its limit.',
    httpStatus: 502,
    fundsMoved: 'unknown',
    nextStep: 'Raise the limit if an answer of that size is wanted.',
  },
  EGRESS_ABORTED: {
    message: 'The caller gave the exchange up.',
    httpStatus: null,
    fundsMoved: 'unknown',
    nextStep: 'If the request carried a payment, look the payment up before anything else.',
  },
} as const satisfies Record<string, ErrorEntry>;
