import type { ErrorEntry } from '../error-entry.js';

/** Rows of the `gateway` room. */
export const gatewayErrors = {
  CONFIG_UNREADABLE: {
    message: 'The configuration file could not be read.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Check the path and its rights; `satway gateway init` writes a first file.',
  },
  CONFIG_INVALID: {
    message: 'The configuration cannot be honoured.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Mend every line that is listed (line:column path message), then start again.',
  },
  KEY_FILE_INVALID: {
    message: 'The file of master keys cannot be used.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep:
      'Restore it from a copy and give it the rights 0600; without it no credential sold so far can be verified. Where nothing was sold yet, `satway gateway init` makes one in an empty folder.',
  },
  GATEWAY_FILES_EXIST: {
    message: 'A file that would be written is there already.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Choose another folder, or move the old files away yourself; they are never overwritten.',
  },
  WALLET_TOO_POWERFUL: {
    message: 'The wallet credential of the seller can spend, which selling does not need.',
    httpStatus: 503,
    fundsMoved: 'no',
    nextStep:
      'Make a credential that can only receive, as the detail says; or name its powers under allowPowers, knowing that whoever breaks into the gateway then has the money.',
  },
  LISTEN_FAILED: {
    message: 'The gateway could not listen where it was told to.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Stop what uses the port, or choose another host or port.',
  },
  REQUEST_MALFORMED: {
    message: 'The request is not well-formed HTTP.',
    httpStatus: 400,
    fundsMoved: 'no',
    nextStep: 'Send one plain HTTP/1.1 request with each of Host, Content-Length and Authorization at most once.',
  },
  REQUEST_HEADERS_TOO_LARGE: {
    message: 'The headers of the request are too large.',
    httpStatus: 431,
    fundsMoved: 'no',
    nextStep: 'Send fewer or shorter headers.',
  },
  REQUEST_TIMEOUT: {
    message: 'The request did not arrive in time.',
    httpStatus: 408,
    fundsMoved: 'no',
    nextStep: 'Send the request again on a new connection.',
  },
  UPGRADE_REFUSED: {
    message: 'Connections cannot be upgraded to another protocol here.',
    httpStatus: 501,
    fundsMoved: 'no',
    nextStep: 'Send a plain HTTP/1.1 request without Upgrade.',
  },
  NOTHING_TO_REVOKE: {
    message: 'No good credential of this seller was presented.',
    httpStatus: 401,
    fundsMoved: 'no',
    nextStep: 'Send the credential that is to be revoked in the Authorization header.',
  },
  TOO_MANY_REVOCATIONS: {
    message: 'As many branches of this payment are revoked as there may be.',
    httpStatus: 409,
    fundsMoved: 'no',
    nextStep:
      'Revoke the credential from which the revoked ones were derived: it takes their place. Give branches a time (valid_until) or a number of uses, so that they end by themselves.',
  },
  BODY_TOO_LARGE: {
    message: 'The body of the request is larger than the gateway takes.',
    httpStatus: 413,
    fundsMoved: 'no',
    nextStep: 'Send a smaller body; the credential was not used.',
  },
  BODY_ROOM_TAKEN: {
    message: 'The gateway holds as many request bodies as it can at this moment.',
    httpStatus: 503,
    fundsMoved: 'no',
    nextStep: 'Send the same request with the same credential again after Retry-After; the credential was not used.',
  },
  CALLER_GONE: {
    message: 'The caller closed the connection before the answer was complete.',
    httpStatus: null,
    fundsMoved: 'unknown',
    nextStep: 'Send the same request with the same Idempotency-Key to get the answer.',
  },
  CHARGE_LOST: {
    message: 'The charge for this call could not be made final, so its answer was withheld.',
    httpStatus: 503,
    fundsMoved: 'no',
    nextStep: 'Send the same request with the same credential again a little later.',
  },
  ORIGIN_UNREACHABLE: {
    message: 'The API behind the gateway could not be reached.',
    httpStatus: 502,
    fundsMoved: 'no',
    nextStep: 'Send the same request with the same credential again; this call was not charged.',
  },
  ORIGIN_TIMEOUT: {
    message: 'The API behind the gateway did not answer in time.',
    httpStatus: 504,
    fundsMoved: 'no',
    nextStep: 'Send the same request with the same credential again; this call was not charged.',
  },
  ORIGIN_BROKEN: {
    message: 'The API behind the gateway broke off or answered something that cannot be understood.',
    httpStatus: 502,
    fundsMoved: 'no',
    nextStep: 'Send the same request with the same credential again; this call was not charged.',
  },
  ORIGIN_ASKED_PAYMENT: {
    message: 'The API behind the gateway asked for a payment of its own.',
    httpStatus: 502,
    fundsMoved: 'no',
    nextStep: 'Tell the seller; this call was not charged.',
  },
  ORIGIN_ANSWER_TOO_LARGE: {
    message: 'The answer of the API behind the gateway is larger than the gateway passes on.',
    httpStatus: 502,
    fundsMoved: 'no',
    nextStep: 'Tell the seller, or ask for less; this call was not charged.',
  },
  UPSTREAM_FAILED_RETRYABLE: {
    message: 'The API behind the gateway failed.',
    httpStatus: 502,
    fundsMoved: 'no',
    nextStep: 'Send the same request with the same credential again; this call was not charged.',
  },
} as const satisfies Record<string, ErrorEntry>;
