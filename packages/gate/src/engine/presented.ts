import { parseAuthorization } from '@satway/protocol';

type Authorization = ReturnType<typeof parseAuthorization>;

/** Whether these headers carry a payment credential, good or bad: then the answer must say what happened to the money. */
export function carriesCredential(rawHeaders: readonly string[]): boolean {
  return isPresented(parseAuthorization(rawHeaders));
}

/** `Bearer` and the like are no payment: such a request is offered the call as if the header were not there. */
export function isPresented(authorization: Authorization): boolean {
  return authorization.kind !== 'none' && authorization.kind !== 'other';
}
