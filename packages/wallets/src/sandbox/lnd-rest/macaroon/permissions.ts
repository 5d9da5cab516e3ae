import { readVarint, writeVarint } from './macaroon-v2.js';

/** What a call needs: an action on an entity, or leave for exactly this gRPC method. */
export interface Permission {
  readonly entity: string;
  readonly action: string;
  readonly uri: string;
}

/** One entry of a macaroon's identifier. */
export interface Operation {
  readonly entity: string;
  readonly actions: readonly string[];
}

/** The macaroons that the sandbox hands out. */
export type MacaroonKind = 'admin' | 'invoice' | 'pay' | 'read';

const READ_WRITE = ['read', 'write'];
const uris = (...methods: string[]): Operation[] => [{ entity: 'uri', actions: methods }];

/** What each kind may do: `admin` everything, the others these gRPC methods and nothing else. */
export const OPERATIONS_BY_KIND: Readonly<Record<MacaroonKind, readonly Operation[]>> = {
  admin: [
    ...['address', 'info', 'invoices'].map((entity) => ({ entity, actions: READ_WRITE })),
    { entity: 'macaroon', actions: ['generate', 'read', 'write'] },
    ...['message', 'offchain', 'onchain', 'peers'].map((entity) => ({ entity, actions: READ_WRITE })),
    { entity: 'signer', actions: ['generate', 'read'] },
  ],
  invoice: uris(
    '/lnrpc.Lightning/AddInvoice',
    '/lnrpc.Lightning/LookupInvoice',
    '/lnrpc.Lightning/SubscribeInvoices',
    '/invoicesrpc.Invoices/CancelInvoice',
  ),
  pay: uris(
    '/routerrpc.Router/SendPaymentV2',
    '/routerrpc.Router/TrackPaymentV2',
    '/lnrpc.Lightning/DecodePayReq',
    '/lnrpc.Lightning/ChannelBalance',
    '/lnrpc.Lightning/GetInfo',
  ),
  read: uris(
    '/lnrpc.Lightning/GetInfo',
    '/lnrpc.Lightning/ChannelBalance',
    '/lnrpc.Lightning/ListPayments',
    '/routerrpc.Router/TrackPaymentV2',
    '/lnrpc.Lightning/DecodePayReq',
  ),
};

export function permits(operations: readonly Operation[], { entity, action, uri }: Permission): boolean {
  return operations.some(
    (operation) =>
      (operation.entity === entity && operation.actions.includes(action)) ||
      (operation.entity === 'uri' && operation.actions.includes(uri)),
  );
}

/** LND's identifier: the byte 3, then protobuf {1: nonce, 2: root key id, 3: repeated {1: entity, 2: repeated action}}. */
export function writeIdentifier(nonce: Buffer, rootKeyId: string, operations: readonly Operation[]): Buffer {
  const fields = operations.map(({ entity, actions }) =>
    field(3, Buffer.concat([field(1, Buffer.from(entity)), ...actions.map((action) => field(2, Buffer.from(action)))])),
  );
  return Buffer.concat([Buffer.from([3]), field(1, nonce), field(2, Buffer.from(rootKeyId)), ...fields]);
}

function field(number: number, data: Buffer): Buffer {
  return Buffer.concat([Buffer.from([number * 8 + 2]), writeVarint(data.length), data]);
}

/** The operations in an identifier; `null` where it is none of LND's. */
export function readOperations(identifier: Buffer): readonly Operation[] | null {
  const fields = identifier[0] === 3 ? readMessage(identifier.subarray(1)) : null;
  if (fields === null) return null;
  const operations = fields.filter(({ number }) => number === 3).map(({ data }) => readOperation(data));
  return operations.includes(null) ? null : operations.filter((operation) => operation !== null);
}

function readOperation(bytes: Buffer): Operation | null {
  const fields = readMessage(bytes);
  if (fields === null) return null;
  const texts = (wanted: number) => fields.filter(({ number }) => number === wanted).map(({ data }) => data.toString());
  return { entity: texts(1)[0] ?? '', actions: texts(2) };
}

function readMessage(bytes: Buffer): { number: number; data: Buffer }[] | null {
  const fields: { number: number; data: Buffer }[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const tag = bytes[offset] ?? 0;
    const length = readVarint(bytes, offset + 1);
    if (tag % 8 !== 2 || length === null || length.end + length.value > bytes.length) return null;
    fields.push({ number: (tag - 2) / 8, data: bytes.subarray(length.end, length.end + length.value) });
    offset = length.end + length.value;
  }
  return fields;
}
