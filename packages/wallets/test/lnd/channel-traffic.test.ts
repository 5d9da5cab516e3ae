import { createEgress, type Egress } from '@satway/egress';
import { readLndTraffic } from '@satway/wallets/lnd';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RawServer, startRawServer, unary, unaryError } from './raw-server.js';

let egress: Egress;
let server: RawServer;
beforeEach(async () => {
  egress = createEgress();
  server = await startRawServer();
});
afterEach(async () => {
  await egress.close();
  await server.close();
});

const read = (answer: string) => {
  server.script = (socket) => void socket.write(answer);
  return readLndTraffic({ url: server.url, macaroonHex: '0201036c6e6402030301020000062000', egress });
};
const channel = (sent: unknown, received: unknown) => ({
  total_satoshis_sent: sent,
  total_satoshis_received: received,
});

describe('what the channels of an LND have carried', () => {
  it('is summed up over all of them, and nothing where there are none', async () => {
    const channels = [channel('106', '0'), channel('20', '7')];
    expect(await read(unary(200, JSON.stringify({ channels })))).toEqual({ sentSats: 126, receivedSats: 7 });
    expect(await read(unary(200, '{}'))).toEqual({ sentSats: 0, receivedSats: 0 });
  });

  it.each([
    ['a sum that is none', unary(200, JSON.stringify({ channels: [channel('106', 'many')] })), 'WALLET_ANSWER_INVALID'],
    ['a channel that is none', unary(200, JSON.stringify({ channels: [null] })), 'WALLET_ANSWER_INVALID'],
    ['a macaroon that may not ask', unaryError('permission denied'), 'WALLET_PERMISSION_DENIED'],
  ])('cannot be read from %s', async (_what, answer, code) => {
    await expect(read(answer)).rejects.toMatchObject({ code });
  });
});
