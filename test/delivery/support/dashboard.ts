import { read } from './run.js';

interface Panel {
  readonly title: string;
  readonly targets?: { expr: string }[];
}

/** Every query of the dashboard, with its variables filled in as "All" would. */
export function panelQueries(): { panel: string; expr: string }[] {
  const { panels } = JSON.parse(read('deploy/grafana/dashboards/mainstay.json')) as { panels: Panel[] };
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({
      panel: title,
      expr: expr.replaceAll('$__rate_interval', '5m').replaceAll(/\$(job|namespace|instance)\b/g, '.*'),
    })),
  );
}
