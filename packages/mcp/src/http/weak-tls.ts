/** What is to be said where the process checks no certificates; it concerns every transport. */
export function describeWeakTls(environment: NodeJS.ProcessEnv): string[] {
  if (environment['NODE_TLS_REJECT_UNAUTHORIZED'] !== '0') return [];
  return [
    'NODE_TLS_REJECT_UNAUTHORIZED=0 switches the checks of certificates off: anybody on the way can pose as a seller or as the wallet.',
  ];
}
