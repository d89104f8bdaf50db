import { Injectable } from '@nestjs/common';

/**
 * starting: dependencies are not there yet; serving; draining: the end is near, new work should go elsewhere; retiring:
 * the end of this worker alone, whose successor listens at the same address already.
 */
export type Phase = 'starting' | 'serving' | 'draining' | 'retiring';

/** Where the process stands between its start and its end. */
@Injectable()
export class Lifecycle {
  phase: Phase = 'starting';

  /** Whether proxies should send requests to this address. */
  get isReady(): boolean {
    return this.phase === 'serving' || this.phase === 'retiring';
  }

  /** Whether clients should open another connection for their next request. */
  get isLeaving(): boolean {
    return this.phase === 'draining' || this.phase === 'retiring';
  }
}
