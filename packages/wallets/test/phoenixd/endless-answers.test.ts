import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createEgress, type Egress } from '@satway/egress';
import { createPhoenixdIssuer } from '@satway/wallets/phoenixd';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const HASH = 'ab'.repeat(32);
let egress: Egress;
beforeAll(() => {
  egress = createEgress();
});
afterAll(() => egress.close());

describe('a phoenixd that does not end', () => {
  let server: Server;
  let url: string;
  let script: (socket: Socket) => void;
  const sockets = new Set<Socket>();
  beforeEach(async () => {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined).once('data', () => script(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const open = (callTimeoutMs: number) => createPhoenixdIssuer({ url, password: 'x', egress, callTimeoutMs });
  const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n';

  it('is left once it has said too much', async () => {
    let written = 0;
    script = (socket) => {
      socket.write(HEAD);
      const more = (): void => {
        if (socket.destroyed || written > 26_000_000) return;
        written += 65_536;
        socket.write(' '.repeat(65_536), more);
      };
      more();
    };
    await expect(open(20_000).lookUp(HASH)).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID' });
    expect(written).toBeLessThan(8_000_000);
  });

  it('is left at the time limit, drip by drip', async () => {
    script = (socket) => {
      socket.write(HEAD);
      const drip = setInterval(() => socket.write(' '), 10);
      socket.on('close', () => clearInterval(drip));
    };
    await expect(open(150).lookUp(HASH)).rejects.toMatchObject({ code: 'WALLET_TIMEOUT' });
    script = () => undefined;
    await expect(open(50).lookUp(HASH)).rejects.toMatchObject({ code: 'WALLET_TIMEOUT' });
  });

  it('is told from one that speaks another protocol', async () => {
    script = (socket) => void socket.end('220 mail.example ESMTP\r\n');
    await expect(open(5000).lookUp(HASH)).rejects.toMatchObject({ code: 'WALLET_UNREACHABLE' });
  });
});
