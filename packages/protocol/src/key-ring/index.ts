export { deriveRootKey, isTenantId, masterKeyIdHex, type RootKeyDerivation } from './derive.js';
export {
  createKeyRing,
  type KeyRing,
  type MasterKey,
  type RootKeyRequest,
  type SessionKeyRequest,
} from './key-ring.js';
