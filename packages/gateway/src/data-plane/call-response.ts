import { type IncomingMessage, ServerResponse } from 'node:http';

/** Whoever wants to hear that the caller left, or has room again. */
export interface CallListener {
  callerLeft(): void;
  callerHasRoom(): void;
}

/** Hears of every answer, once, when its connection is done with it. */
export interface AnswerObserver {
  requestEnded(startedMs: number, status: number): void;
}

export type CallRequest = IncomingMessage;

/**
 * The server's response object with one more field, so that its events find the running call without a closure for each request.
 */
export class CallResponse extends ServerResponse {
  call: CallListener | null = null;
  /** The caller sent `Expect: 100-continue` and holds its body back until we want it. */
  awaitsContinue = false;
  /** The request has a body, so the connection is not free for the next one before that has arrived. */
  requestHasBody = false;
  private listensForRoom = false;

  private observer: AnswerObserver | null = null;
  private startedMs = 0;

  /** Begins to watch for the end; once for each response. `call`, where one is set by then, hears of it too. */
  watch(observer: AnswerObserver): void {
    this.observer = observer;
    this.startedMs = performance.now();
    this.on('close', reportClose);
  }

  /** For the close listener. */
  reportClose(): void {
    this.call?.callerLeft();
    this.observer?.requestEnded(this.startedMs, this.headersSent ? this.statusCode : 0);
  }

  /** Tells the call when written bytes have drained; the listener is added at the first pause only. */
  awaitRoom(): void {
    if (this.listensForRoom) return;
    this.listensForRoom = true;
    this.on('drain', tellThatThereIsRoom);
  }

  /** Asks for the body that the caller holds back. */
  askForBody(): void {
    if (!this.awaitsContinue) return;
    this.awaitsContinue = false;
    this.writeContinue();
  }
}

function reportClose(this: CallResponse): void {
  this.reportClose();
}

function tellThatThereIsRoom(this: CallResponse): void {
  this.call?.callerHasRoom();
}
