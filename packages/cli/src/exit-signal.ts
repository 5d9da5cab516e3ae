/** Ends a command with an exit code of its own, after it has said everything itself. */
export class ExitSignal {
  constructor(readonly code: number) {}
}
