import type { ErrorEntry } from './error-entry.js';
import { baseErrors } from './table/base.js';
import { cliErrors } from './table/cli.js';
import { clientErrors } from './table/client.js';
import { egressErrors } from './table/egress.js';
import { gateErrors } from './table/gate.js';
import { gatewayErrors } from './table/gateway.js';
import { mcpErrors } from './table/mcp.js';
import { protocolErrors } from './table/protocol.js';
import { walletsErrors } from './table/wallets.js';

/** The rows by room, in the order in which the documentation lists them. */
export const errorTableByRoom = {
  base: baseErrors,
  protocol: protocolErrors,
  egress: egressErrors,
  wallets: walletsErrors,
  gate: gateErrors,
  gateway: gatewayErrors,
  client: clientErrors,
  mcp: mcpErrors,
  cli: cliErrors,
} as const;

const rows = {
  ...baseErrors,
  ...protocolErrors,
  ...egressErrors,
  ...walletsErrors,
  ...gateErrors,
  ...gatewayErrors,
  ...clientErrors,
  ...mcpErrors,
  ...cliErrors,
} as const;

/** Every stable error code of the product. */
export type ErrorCode = keyof typeof rows;

/** The one table of errors: code, message, HTTP status, whether funds moved, what to do next. */
export const errorTable: Readonly<Record<ErrorCode, ErrorEntry>> = rows;
