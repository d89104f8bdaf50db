import { parse } from 'yaml';
import { panelQueries } from '../support/dashboard.js';
import { describeWith, mustRun, read, run } from '../support/run.js';

interface Rules {
  groups: { rules: { alert?: string; annotations?: Record<string, string>; labels?: Record<string, string> }[] }[];
}
const folder = 'deploy/prometheus/rules';
const alerts = (parse(read(`${folder}/mainstay.rules.yml`)) as Rules).groups
  .flatMap(({ rules }) => rules)
  .filter(({ alert }) => alert);

describeWith('promtool', 'alert rules', () => {
  it('are valid', () => {
    mustRun('promtool', ['check', 'rules', `${folder}/mainstay.rules.yml`]);
    mustRun('promtool', ['check', 'config', '--syntax-only', 'deploy/prometheus/prometheus.yml']);
  });

  it('fire when they should, not just below and not without traffic', () => {
    mustRun('promtool', [
      'test',
      'rules',
      `${folder}/mainstay.rules.test.yml`,
      `${folder}/mainstay-days.rules.test.yml`,
    ]);
  });

  it('are each tested to fire and to keep still', () => {
    const tests = read(`${folder}/mainstay.rules.test.yml`) + read(`${folder}/mainstay-days.rules.test.yml`);
    for (const { alert = '' } of alerts) {
      expect({ alert, fires: new RegExp(`alertname: ${alert}\\n +exp_alerts:\\n`).test(tests) }).toEqual({
        alert,
        fires: true,
      });
      expect({ alert, keepsStill: tests.includes(`alertname: ${alert}\n        exp_alerts: []`) }).toEqual({
        alert,
        keepsStill: true,
      });
    }
  });

  it('have a severity, words and a runbook that exists', () => {
    const headings =
      read('docs/alerts.md')
        .match(/^## .*$/gm)
        ?.map((line) => line.slice(3).toLowerCase()) ?? [];
    for (const { alert = '', annotations = {}, labels = {} } of alerts) {
      expect(labels.severity).toMatch(/^(critical|warning)$/);
      expect(annotations.summary && annotations.description).toBeTruthy();
      expect(annotations.runbook_url).toBe(`docs/alerts.md#${alert.toLowerCase()}`);
      expect(headings).toContain(alert.toLowerCase());
    }
  });
});

describeWith('promtool', 'dashboard', () => {
  it('asks queries that Prometheus understands', () => {
    const rules = panelQueries().map(({ expr }, index) => ({ record: `panel:${index}`, expr }));
    const file = mustRun('mktemp').trim();
    mustRun('sh', ['-c', 'printf %s "$RULES" >"$FILE"'], {
      FILE: file,
      RULES: JSON.stringify({ groups: [{ name: 'panels', rules }] }),
    });
    expect(run('promtool', ['check', 'rules', file])).toMatchObject({ status: 0 });
  });

  it('has a fixed uid, no instance id, and takes its data source from a variable', () => {
    const dashboard = JSON.parse(read('deploy/grafana/dashboards/mainstay.json')) as { uid: string; id?: number };
    expect(dashboard.uid).toBe('mainstay');
    expect(dashboard).not.toHaveProperty('id');
    const uids = JSON.stringify(dashboard).match(/"type":"prometheus","uid":"[^"]*"/g) ?? [];
    expect(new Set(uids)).toEqual(new Set(['"type":"prometheus","uid":"${datasource}"']));
  });
});
