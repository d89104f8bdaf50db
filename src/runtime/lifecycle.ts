import { Injectable } from '@nestjs/common';

/** starting: dependencies are not there yet; serving; draining: the end is near, new work should go elsewhere. */
export type Phase = 'starting' | 'serving' | 'draining';

/** Where the process stands between its start and its end. */
@Injectable()
export class Lifecycle {
  phase: Phase = 'starting';
}
