export {
  type AddressPolicy,
  type AddressPolicyOptions,
  createAddressPolicy,
  literalAddress,
  type Reach,
} from './address-policy.js';
export { addressPolicyFromEnvironment, type EgressEnvironment } from './environment.js';
