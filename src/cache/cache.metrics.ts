import { makeCounterProvider } from '@willsoto/nestjs-prometheus';

export const CACHE_REQUESTS_METRIC = 'cache_requests_total';

export const cacheRequestsProvider = makeCounterProvider({
  name: CACHE_REQUESTS_METRIC,
  help: 'Reads of the cache: hit, miss, or error while its store was away.',
  labelNames: ['result'],
});
