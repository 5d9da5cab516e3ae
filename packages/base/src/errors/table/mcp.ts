import type { ErrorEntry } from '../error-entry.js';

/** Rows of the `mcp` room. */
export const mcpErrors = {
  MCP_SETTINGS_INVALID: {
    message: 'The settings of the MCP server cannot be honoured.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Mend every variable that is listed, then start again.',
  },
  MCP_HEADER_REFUSED: {
    message: 'The call sets a header that a caller may not set.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Leave the header out. Credentials and payments are added by Satway itself.',
  },
  MCP_ADDRESS_REFUSED: {
    message: 'The call names its target in a way that is not taken.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Give either url, or slug and a path that starts with one slash and stays below the slug.',
  },
  MCP_SLUG_UNKNOWN: {
    message: 'No seller is known under this slug.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Look it up with search_apis, or give the full url.',
  },
  MCP_DIRECTORY_UNREADABLE: {
    message: 'The directory or the seller gave no document that can be read.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Try again later, or call the API by its full url.',
  },
  MCP_CALLS_FULL: {
    message: 'Too many calls are under way.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Wait until some of them end; payment_status tells.',
  },
  MCP_CALL_UNKNOWN: {
    message: 'No call or payment of this id is known.',
    httpStatus: null,
    fundsMoved: 'unknown',
    nextStep: 'Look for it with list_payments. Calls are remembered until the server ends, payments for good.',
  },
  MCP_CREDENTIAL_UNKNOWN: {
    message: 'No credential of this id is kept.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Use the credentialId that buy_credential or delegate_credential gave.',
  },
  MCP_ANSWER_GONE: {
    message: 'The answer is not kept any more.',
    httpStatus: null,
    fundsMoved: 'unknown',
    nextStep: 'Answers are kept for a time and up to a size. Calling again is a new call, which may cost again.',
  },
  MCP_PLACE_UNUSABLE: {
    message: 'The folder in which answers or credentials are kept cannot be written.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep:
      'Ask the user to make the folder that the detail names one that can be written (it lies in SATWAY_HOME), with room on its disk; then call again.',
  },
  MCP_CREDENTIALS_FULL: {
    message: 'As many credentials are kept as may be.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Ask the user to delete files that nobody needs from the folder credentials in SATWAY_HOME.',
  },
  MCP_NOT_KEPT: {
    message: 'What arrived could not be kept.',
    httpStatus: null,
    fundsMoved: 'yes',
    nextStep:
      'Calling again may be paid again. Ask the user to make room in SATWAY_HOME first; a bought credential is still in the purchase store, see `satway credentials`.',
  },
  MCP_LISTEN_FAILED: {
    message: 'The MCP server cannot listen at its address.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Choose a free PORT, and an address of this machine as BIND_ADDRESS.',
  },
  MCP_TOKEN_FILE_UNSAFE: {
    message: 'The file with the token of the MCP server is not used: others can read it, or it holds no token.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep:
      'Delete it, so that a new one is made, and give the new token to your MCP clients; or set MCP_AUTH_TOKEN.',
  },
  MCP_UPSTREAM_UNREACHABLE: {
    message: 'The other MCP server cannot be reached, or does not speak the protocol.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Look at its entry in the file of SATWAY_MCP_SERVERS; start it by hand to see what it says.',
  },
  MCP_UPSTREAM_BROKEN: {
    message: 'The other MCP server gave no answer. It may have acted all the same.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Look at what the tool does before you call it again.',
  },
  MCP_UPSTREAM_UNKNOWN: {
    message: 'There is no MCP server of this name among those that are configured.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'See list_mcp_tools for the names.',
  },
} as const satisfies Record<string, ErrorEntry>;
