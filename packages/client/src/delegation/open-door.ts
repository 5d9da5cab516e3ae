import { addressPolicyFromEnvironment, createEgress, type Egress } from '@satway/egress';

/** The door through which one credential is used. */
export interface Door {
  readonly egress: Pick<Egress, 'exchange'>;
  /** Where the door was opened for this one call. */
  close(): void;
}

/**
 * The given door, which stays open, or one of this call's own with the address policy of the process.
 *
 * @throws {SatwayError} `EGRESS_HOSTS_INVALID`.
 */
export function openDoor(given: Pick<Egress, 'exchange'> | undefined, allowHosts: readonly string[]): Door {
  if (given !== undefined) return { egress: given, close: () => undefined };
  const policy = addressPolicyFromEnvironment(process.env);
  const egress = createEgress({ ...policy, allowHosts: [...(policy.allowHosts ?? []), ...allowHosts] });
  return { egress, close: () => void egress.close() };
}
