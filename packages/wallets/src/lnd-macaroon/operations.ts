/** One entry of a macaroon's identifier: actions on an entity, or, for the entity `uri`, the gRPC methods that may be called. */
export interface Operation {
  readonly entity: string;
  readonly actions: readonly string[];
}

/** What a call needs: an action on an entity, or leave for exactly this gRPC method. */
export interface Permission {
  readonly entity: string;
  readonly action: string;
  readonly uri: string;
}

export function permits(operations: readonly Operation[], { entity, action, uri }: Permission): boolean {
  return operations.some(
    (operation) =>
      (operation.entity === entity && operation.actions.includes(action)) ||
      (operation.entity === 'uri' && operation.actions.includes(uri)),
  );
}
