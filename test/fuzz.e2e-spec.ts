import { fuzz, tableOf } from './fuzz/fuzz.js';
import { signedInAdmin } from './factories/user.factory.js';
import { resources } from './support/resources.js';

describe('fuzz', () => {
  const started = resources();

  it('D17: 1,500 requests from the document break neither the contract nor the product', async () => {
    const app = await started.app();
    const { token } = await signedInAdmin(app);
    const report = await fuzz({
      client: app.client,
      document: app.document,
      seed: 42,
      requests: 1500,
      adminToken: token,
    });
    expect(report.breaches).toEqual([]);
    expect(report.sent).toBeGreaterThanOrEqual(1500);
    // The run means something only when every operation was reached and most succeeded at times.
    const operations = Object.values(app.document.paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    expect([...report.statuses.keys()].sort()).toEqual(operations.sort());
    const table = tableOf(report);
    for (const operation of ['itemsCreate', 'itemsUpdate', 'usersList', 'authLogin', 'authRegister', 'usersManage']) {
      expect(table).toMatch(new RegExp(`^${operation} .* 20[01]:`, 'm'));
    }
    expect(await app.client.get('/health/live')).toMatchObject({ status: 200 });
  }, 120_000);
});
