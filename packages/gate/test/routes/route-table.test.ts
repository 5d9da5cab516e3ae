import { SatwayError } from '@satway/base';
import { canonicalizePath } from '@satway/protocol';
import { describe, expect, it } from 'vitest';
import { buildRouteTable, type Endpoint, type RouteTable } from '../../src/routes/index.js';

const NOW_MS = 1_800_000_000_000;
const paid = { model: 'per_request', priceMsat: 5_000, uses: 1 } as const;
const forecast: Endpoint = { id: 'forecast', method: 'GET', path: '/v1/forecast/:city', price: paid };
const submit: Endpoint = { id: 'submit', method: 'POST', path: '/v1/Forecast/:town', price: paid };
const today: Endpoint = { id: 'today', method: 'GET', path: '/v1/forecast/today', price: { model: 'free' } };
const root: Endpoint = { id: 'root', method: 'GET', path: '/', price: paid };

function match(table: RouteTable, method: string, target: string): string {
  const path = canonicalizePath(target);
  if (!path.ok) return path.code;
  const found = table.match(method, path.value);
  if (found.outcome === 'found') return found.endpoint.id;
  return found.outcome === 'wrong_method' ? `allow ${found.allow.join(',')}` : found.outcome;
}

describe('the route table', () => {
  const table = buildRouteTable([forecast, submit, today, root], NOW_MS);

  it.each([
    ['/v1/forecast/berlin'],
    ['/v1/forecast/berlin/'],
    ['/V1/FORECAST/Berlin'],
    ['//v1/./forecast//berlin'],
    ['/%76%31/forecast/berlin'],
    ['/v1/x/../forecast/berlin'],
    ['/v1/forecast/S%C3%A3o%20Paulo'],
    ['/v1/forecast/berlin?day=1#x?'.split('#')[0] ?? ''],
  ])('prices every spelling of a priced path, %s', (target) => {
    expect(match(table, 'GET', target)).toBe('forecast');
  });

  it('prefers a literal segment to a parameter, and an exact method', () => {
    expect(match(table, 'GET', '/v1/forecast/Today')).toBe('today');
    expect(match(table, 'POST', '/v1/forecast/today')).toBe('submit');
    expect(match(table, 'GET', '/')).toBe('root');
  });

  it.each([['/v1/forecast'], ['/v1/forecast/berlin/deep'], ['/v1'], ['/other'], ['/v1/forecast/ber%E2%84%AAlin/x']])(
    'knows nothing of %s',
    (target) => {
      expect(match(table, 'GET', target)).toBe('not_found');
    },
  );

  it('matches a long segment like a short one', () => {
    expect(match(table, 'GET', `/v1/forecast/${'x'.repeat(5_000)}`)).toBe('forecast');
  });

  it('does not fold letters outside ASCII into a literal: the Kelvin sign is no k', () => {
    const kelvin = buildRouteTable([{ ...today, path: '/token' }], NOW_MS);
    expect(match(kelvin, 'GET', '/to%E2%84%AAen')).toBe('not_found');
    expect(match(kelvin, 'GET', '/toKen')).toBe('today');
  });

  it('never reads a query or a fragment out of a path', () => {
    const path = { forward: '/v1/forecast/today#/x', match: '/v1/forecast/today#/x', query: '' };
    expect(table.match('GET', path).outcome).toBe('not_found');
    expect(table.match('GET', { ...path, match: '/v1/forecast/today?x' }).outcome).toBe('not_found');
  });

  it('answers HEAD wherever it answers GET, at the price of GET', () => {
    expect(match(table, 'HEAD', '/v1/forecast/berlin')).toBe('forecast');
  });

  it('names the methods of a path that is known under others', () => {
    expect(match(table, 'DELETE', '/v1/forecast/berlin')).toBe('allow GET,POST,HEAD');
    expect(match(table, 'get', '/v1/forecast/berlin')).toBe('allow GET,POST,HEAD');
    expect(match(table, 'BREW', '/')).toBe('allow GET,HEAD');
  });

  it('is not changed by who built it', () => {
    const price = { model: 'per_request' as const, priceMsat: 5_000, uses: 1 };
    const mine = buildRouteTable([{ ...forecast, price }], NOW_MS);
    price.priceMsat = 1;
    expect(mine.endpoints[0]?.price).toEqual({ model: 'per_request', priceMsat: 5_000, uses: 1 });
    expect(Object.isFrozen(mine.endpoints)).toBe(true);
  });
});

describe('a set of endpoints that cannot be honoured', () => {
  function mistakes(...endpoints: Endpoint[]): string {
    try {
      buildRouteTable(endpoints, NOW_MS);
      return 'none';
    } catch (error) {
      return error instanceof SatwayError && error.code === 'ENDPOINTS_INVALID' ? (error.detail ?? '') : String(error);
    }
  }

  it('is refused with every mistake at once', () => {
    const detail = mistakes(
      { ...forecast, id: 'Bad Id', method: 'get' },
      { ...forecast, path: 'v1' },
      { ...forecast, id: 'p', path: '/p', price: { model: 'per_request', priceMsat: 0, uses: 0 } },
    );
    expect(detail).toContain('endpoint "Bad Id": id must be 1 to 64 of a-z, 0-9 and -');
    expect(detail).toContain('endpoint "Bad Id": method must be one of');
    expect(detail).toContain('endpoint "forecast": path must start with /');
    expect(detail).toContain('endpoint "p": priceMsat must be a positive whole number');
    expect(detail).toContain('endpoint "p": uses must be 1 to 4294967295');
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('refuses a price of %s msat', (priceMsat) => {
    expect(mistakes({ ...forecast, price: { ...paid, priceMsat } })).toContain('priceMsat must be');
  });

  it.each([0, 1.5, 2 ** 32])('refuses %s uses', (uses) => {
    expect(mistakes({ ...forecast, price: { ...paid, uses } })).toContain('uses must be');
  });

  it.each(['/a/*', '/a/:b?', '/a/:b(x)', '/a/x:b', '/a//b', '/a/../b', '/a/%2e', '/a b', '/a;b', '/a/:1'])(
    'refuses the path %s rather than matching it by accident',
    (path) => {
      expect(mistakes({ ...forecast, path })).toContain('is neither a literal nor a :name');
    },
  );

  it('refuses one id twice, and one method and path twice whatever the parameters are called', () => {
    expect(mistakes(forecast, { ...today, id: 'forecast' })).toContain('its id is taken');
    expect(mistakes(forecast, { ...forecast, id: 'other', path: '/V1/forecast/:x/' })).toContain(
      'are those of "forecast"',
    );
  });

  it.each([
    { credentialLifeMs: 2_999 },
    { credentialLifeMs: 60 * 86_400_000 + 1 },
    { leaseMs: 99 },
    { leaseMs: 600_001 },
    { quotesValidAfterMs: -1 },
  ])('refuses %j', (times) => {
    expect(mistakes({ ...forecast, ...times })).toContain('must be');
  });

  it('refuses to void quotes that are still to be given: they would be paid for and dead', () => {
    expect(mistakes({ ...forecast, quotesValidAfterMs: NOW_MS + 1 })).toContain('must not lie ahead');
    expect(mistakes({ ...forecast, quotesValidAfterMs: NOW_MS })).toBe('none');
  });

  it('takes the longest times that it allows', () => {
    expect(mistakes({ ...forecast, credentialLifeMs: 60 * 86_400_000, leaseMs: 600_000 })).toBe('none');
  });
});
