import { Injectable } from '@nestjs/common';

/**
 * starting: dependencies are not there yet; serving; draining: the end is near, new work should go elsewhere; settling: the
 * listener is about to close; closing: nobody can connect any more; retiring: the end of this worker alone, whose successor
 * listens at the same address already.
 */
export type Phase = 'starting' | 'serving' | 'draining' | 'settling' | 'closing' | 'retiring';

/** Where the process stands between its start and its end. */
@Injectable()
export class Lifecycle {
  phase: Phase = 'starting';

  /** Whether proxies should send requests to this address. */
  get isReady(): boolean {
    return this.phase === 'serving' || this.phase === 'retiring';
  }

  /**
   * Whether clients should open another connection for their next request. Not while the listener is about to close:
   * who connects just then is reset, so whoever has a connection keeps it for that moment.
   */
  get isLeaving(): boolean {
    return this.phase === 'draining' || this.phase === 'closing' || this.phase === 'retiring';
  }
}
