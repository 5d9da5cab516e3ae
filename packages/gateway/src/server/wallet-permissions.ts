import { decodeMacaroon } from '@satway/protocol';

/** What a selling side never needs, and what somebody could do with it who got hold of the macaroon. */
const DANGEROUS: Readonly<Record<string, string>> = {
  'offchain:write': 'pay',
  'onchain:write': 'spend on-chain',
  'macaroon:generate': 'make more powerful macaroons',
  'macaroon:write': 'delete macaroons',
  'signer:generate': 'sign with the keys of the node',
  'peers:write': 'connect and disconnect peers',
  'info:write': 'stop the node',
};

/** Permissions can also name single calls (`uri:/routerrpc.Router/SendPaymentV2`). */
const DANGEROUS_CALL =
  /\/(?:Send|Pay|OpenChannel|CloseChannel|BakeMacaroon|DeleteMacaroon|StopDaemon|SignOutput|PublishTransaction)/;

/**
 * What an LND macaroon allows beyond making and looking up invoices, in words; empty where nothing, and where it is not LND's own form
 * (then LND decides alone). The permissions stand in its identifier: the version byte 3, then a protobuf message whose field 3 repeats
 * `{1: entity, 2: actions…}`.
 */
export function listDangerousPermissions(macaroonHex: string): string[] {
  const decoded = decodeMacaroon(Buffer.from(macaroonHex, 'hex'));
  if (!decoded.ok || decoded.value.identifier[0] !== 3) return [];
  const fields = readFields(decoded.value.identifier.subarray(1)).filter(({ number }) => number === 3);
  const permissions = fields.flatMap(({ bytes }) => permissionsOf(bytes));
  return permissions.flatMap((permission) => {
    const what = dangerOf(permission);
    return what === undefined ? [] : [`${what} (${permission})`];
  });
}

function dangerOf(permission: string): string | undefined {
  if (Object.hasOwn(DANGEROUS, permission)) return DANGEROUS[permission];
  return permission.startsWith('uri:') && DANGEROUS_CALL.test(permission) ? 'do more than receive' : undefined;
}

function permissionsOf(operation: Uint8Array): string[] {
  const fields = readFields(operation);
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
  const entity = fields.find(({ number }) => number === 1);
  if (entity === undefined) return [];
  return fields.filter(({ number }) => number === 2).map(({ bytes }) => `${text(entity.bytes)}:${text(bytes)}`);
}

interface Field {
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** The length-delimited fields of a protobuf message with short numbers; stops at the first thing that is none. */
function readFields(message: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  while (at + 1 < message.length) {
    const tag = message[at] ?? 0;
    const length = readLength(message, at + 1);
    if ((tag & 7) !== 2 || length === null || length.end + length.value > message.length) return fields;
    fields.push({ number: tag >> 3, bytes: message.subarray(length.end, length.end + length.value) });
    at = length.end + length.value;
  }
  return fields;
}

/** A base-128 length of at most two bytes. */
function readLength(message: Uint8Array, at: number): { readonly value: number; readonly end: number } | null {
  const low = message[at] ?? 0x80;
  if (low < 0x80) return { value: low, end: at + 1 };
  const high = message[at + 1] ?? 0x80;
  return high < 0x80 ? { value: (low & 0x7f) | (high << 7), end: at + 2 } : null;
}
