import { describe, expect, it } from 'vitest';
import type { GateLimits } from '../../src/limits/index.js';
import { FORECAST } from './helpers.js';
import { createWorld } from './world.js';

describe('a gate does not start', () => {
  it.each([
    ['without a UUID', { id: 'acme', slug: 'acme' }],
    ['with a UUID in upper case', { id: '6F1C2D34-5E6F-4A7B-8C9D-0E1F2A3B4C5D', slug: 'acme' }],
    ['with a slug that no credential can name', { id: '6f1c2d34-5e6f-4a7b-8c9d-0e1f2a3b4c5d', slug: 'Acme Ltd' }],
  ])('%s', async (_, tenant) => {
    await expect(createWorld({ tenant })).rejects.toMatchObject({ code: 'TENANT_INVALID' });
  });

  it.each<Partial<GateLimits>>([
    { requestsPerAddress: { burst: Number.NaN, perSecond: 1 } },
    { requestsPerAddressAndEndpoint: { burst: 1, perSecond: 0 } },
    { invoicesPerAddress: { burst: 0, perSecond: 1 } },
    { invoicesPerWallet: { burst: 1, perSecond: Number.POSITIVE_INFINITY } },
    { invoicesInFlight: Number.NaN },
  ])('with the limits %j', async (limits) => {
    const [name] = Object.keys(limits);
    await expect(createWorld({ limits })).rejects.toMatchObject({ code: 'LIMITS_INVALID', detail: name });
  });

  it.each([9_999, 604_800_001, 20_000.5, Number.NaN])('with invoices that live %s ms', async (invoiceExpiryMs) => {
    const refused = { code: 'LIMITS_INVALID', detail: 'invoiceExpiryMs' };
    await expect(createWorld({ invoiceExpiryMs })).rejects.toMatchObject(refused);
  });

  it('with endpoints that contradict each other', async () => {
    await expect(createWorld({ endpoints: [FORECAST, FORECAST] })).rejects.toMatchObject({ code: 'ENDPOINTS_INVALID' });
  });
});
