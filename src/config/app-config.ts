import type { FastPath } from './fast-paths.js';
import type { Setting } from './setting.js';
import { settings } from './settings.js';

export type SettingValues = {
  readonly [Name in keyof typeof settings]: (typeof settings)[Name] extends Setting<infer T> ? T : never;
};

/** The validated settings; inject it wherever one is needed. Durations are seconds. */
export class AppConfig extends (Object as unknown as new () => SettingValues) {
  constructor(values: SettingValues) {
    super();
    Object.assign(this, values);
  }

  get isProduction(): boolean {
    return this.nodeEnv === 'production';
  }

  /** Whether workers serve and this process only watches over them. */
  get isSupervised(): boolean {
    return this.webConcurrency > 1 || this.maxRequests > 0;
  }

  /** Whether /metrics and /health/detailed answer on the main port without a token. */
  get isOperatorOpen(): boolean {
    return !this.isProduction;
  }

  /** Whether a shortcut may be taken. */
  takes(path: FastPath): boolean {
    return !this.fastPathsOff.includes(path) && !this.fastPathsOff.includes('all');
  }
}
