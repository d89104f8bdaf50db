import { AsyncLocalStorage } from 'node:async_hooks';

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** What the lines of a request tell alike. */
export interface LogSubject {
  readonly fields: LogFields;
  /** The same as part of a line, once somebody has worded it. */
  text?: string;
}

/** What is known of the request being served; every log line written meanwhile carries its requestId. */
export class RequestContext {
  /** The signed-in user, once known. */
  userId?: string;
  /** Class and method that serve the request, such as ItemsController.list. */
  handler?: string;
  /** Milliseconds spent in the handler, pipes included. */
  handlerMs?: number;
  /** Nobody waits for the answer any more: the client went away, or the time of the request is up. */
  isAbandoned = false;
  /** Something was written for good, or is about to be: what belongs to it is done though nobody waits. */
  mustFinish = false;
  /** Where it stands in the list of the requests in flight. */
  place = -1;
  /** How the log names the request. */
  subject?: LogSubject;
  private readonly startedAt = performance.now();

  constructor(
    readonly requestId: string,
    /** Address of the client, behind trusted proxies too. */
    readonly clientIp: string,
    readonly userAgent: string | undefined,
  ) {}

  /** Whether work for this request may be stopped where it is. */
  get isCancellable(): boolean {
    return this.isAbandoned && !this.mustFinish;
  }

  /** Milliseconds since the request's headers were read, by the monotonic clock. */
  get elapsedMs(): number {
    return performance.now() - this.startedAt;
  }
}

const storage = new AsyncLocalStorage<RequestContext>();

/** Runs `work` as part of the request. */
export function runInContext<T>(context: RequestContext, work: () => T): T {
  return storage.run(context, work);
}

/** Runs `work` for nobody in particular, such as what several requests share. */
export function leaveContext(work: () => void): void {
  storage.exit(work);
}

/** The request being served, or undefined outside of one. */
export function currentContext(): RequestContext | undefined {
  return storage.getStore();
}
