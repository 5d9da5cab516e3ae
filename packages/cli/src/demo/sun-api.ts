import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { computeSunTimes } from './sun-times.js';

/** An HTTP API that knows nothing of payments: what a seller has before Satway stands in front of it. */
export interface SunApi {
  readonly url: string;
  close(): Promise<void>;
}

interface City {
  readonly name: string;
  readonly latitude: number;
  readonly longitude: number;
}

const CITIES: ReadonlyMap<string, City> = new Map([
  ['berlin', { name: 'Berlin', latitude: 52.52, longitude: 13.405 }],
  ['buenos-aires', { name: 'Buenos Aires', latitude: -34.6037, longitude: -58.3816 }],
  ['lagos', { name: 'Lagos', latitude: 6.5244, longitude: 3.3792 }],
  ['lugano', { name: 'Lugano', latitude: 46.0037, longitude: 8.9511 }],
  ['new-york', { name: 'New York', latitude: 40.7128, longitude: -74.006 }],
  ['prague', { name: 'Prague', latitude: 50.0755, longitude: 14.4378 }],
  ['san-salvador', { name: 'San Salvador', latitude: 13.6929, longitude: -89.2182 }],
  ['tokyo', { name: 'Tokyo', latitude: 35.6762, longitude: 139.6503 }],
]);

/** Starts the API on a free port of the loopback interface. */
export async function startSunApi(clock: () => number): Promise<SunApi> {
  const server = createServer((request, response) => answer(request, response, clock()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function answer(request: IncomingMessage, response: ServerResponse, nowMs: number): void {
  request.resume();
  const path = (request.url ?? '').split('?')[0] ?? '';
  if (path === '/v1/cities') return sendJson(response, 200, { cities: [...CITIES.keys()] });
  const slug = /^\/v1\/sun\/([^/]+)$/.exec(path)?.[1] ?? '';
  const city = CITIES.get(slug.toLowerCase());
  if (city === undefined) return sendJson(response, 404, { error: 'no such city', cities: [...CITIES.keys()] });
  return sendJson(response, 200, { city: city.name, ...computeSunTimes(city.latitude, city.longitude, nowMs) });
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
