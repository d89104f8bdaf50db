import { makeCounterProvider } from '@willsoto/nestjs-prometheus';

export const SHED_METRIC = 'requests_shed_total';
export const DROPPED_METRIC = 'connections_dropped_total';
export const CUT_METRIC = 'requests_cut_total';

export const shedProvider = makeCounterProvider({
  name: SHED_METRIC,
  help: 'Requests refused with 503 because of overload, by reason: concurrency or event_loop.',
  labelNames: ['reason'],
});

export const cutProvider = makeCounterProvider({
  name: CUT_METRIC,
  help: 'Requests given up, by reason: slow_body, deadline, slow_reader or client_gone.',
  labelNames: ['reason'],
});

export const droppedProvider = makeCounterProvider({
  name: DROPPED_METRIC,
  help: 'Connections that were closed at once because MAX_CONNECTIONS were open.',
});
