import type { Snapshot } from './snapshot.js';

/** What a worker tells its supervisor unasked. */
export type WorkerNews =
  /** Its event loop turns, and it has so many client connections. */
  | { readonly type: 'alive'; readonly connections: number }
  /** It takes connections. */
  | { readonly type: 'listening' }
  /** It serves; the addresses are for the log. */
  | { readonly type: 'serving'; readonly addresses: string }
  /** It can't start, in words for the operator. */
  | { readonly type: 'failed'; readonly reason: string }
  /** It has answered MAX_REQUESTS. */
  | { readonly type: 'worn' }
  /** It drains, whoever told it to. */
  | { readonly type: 'leaving' }
  | { readonly type: 'counters'; readonly counters: Snapshot };

/** What a supervisor tells a worker to do. */
export type Order =
  /** The whole service ends. */
  | { readonly type: 'drain' }
  /** A successor serves; end without letting readiness fall. */
  | { readonly type: 'retire' }
  /** Close so many connections after their next answers; others have fewer. */
  | { readonly type: 'giveAway'; readonly connections: number }
  /** End within two seconds. */
  | { readonly type: 'hurry' };
