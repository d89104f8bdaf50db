import { makeCounterProvider } from '@willsoto/nestjs-prometheus';

export const REJECTIONS_METRIC = 'rate_limit_rejections_total';
export const FALLBACKS_METRIC = 'rate_limit_storage_fallbacks_total';

export const rejectionsProvider = makeCounterProvider({
  name: REJECTIONS_METRIC,
  help: 'Requests refused with 429, by the limit that they were over.',
  labelNames: ['limiter'],
});

export const fallbacksProvider = makeCounterProvider({
  name: FALLBACKS_METRIC,
  help: 'Hits counted in this process because Redis was away.',
});
