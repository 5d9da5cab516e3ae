import { SatwayError } from '@satway/base';

/** Who sells. */
export interface Tenant {
  /** UUID in lower case, for ever the same: keys are derived from it. */
  readonly id: string;
  /** `[a-z0-9-]{1,64}`; named in credentials and invoices. It may change: what was sold under another one is honoured. */
  readonly slug: string;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const SLUG = /^[a-z0-9-]{1,64}$/;

/** @throws {SatwayError} `TENANT_INVALID`: better at the start than at the first sale. */
export function assertTenant({ id, slug }: Tenant): void {
  if (!UUID.test(id)) throw new SatwayError('TENANT_INVALID', { detail: 'The id is no UUID in lower case.' });
  if (!SLUG.test(slug)) throw new SatwayError('TENANT_INVALID', { detail: 'The slug is not of a-z, 0-9 and -.' });
}
