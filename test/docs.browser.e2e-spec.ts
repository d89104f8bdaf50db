import type { Browser, Page } from 'playwright-core';
import { startTestApp, type TestApp } from './support/app.js';
import { findChromium, launchChromium } from './support/chromium.js';

const timeoutMs = 60_000;
const executablePath = findChromium();
if (!executablePath) {
  const notice = 'No Chromium on the PATH: /docs and /redoc were NOT tried in a browser.';
  if (process.env.CI === 'true') throw new Error(notice);
  process.stderr.write(`\n*** ${notice} On Debian: apt-get install chromium ***\n\n`);
}

(executablePath ? describe : describe.skip)('API documentation in a browser', () => {
  let app: TestApp;
  let browser: Browser;
  let page: Page;
  let errors: string[];
  let requested: URL[];

  beforeAll(async () => {
    app = await startTestApp();
    browser = await launchChromium(executablePath!);
  }, timeoutMs);

  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  beforeEach(async () => {
    [errors, requested] = [[], []];
    page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('request', (request) => requested.push(new URL(request.url())));
  });

  // Whatever the page is used for, it is quiet and stays at home.
  afterEach(async () => {
    await page.close();
    expect(errors).toEqual([]);
    const foreign = requested.filter(
      ({ protocol, origin }) => protocol !== 'data:' && origin !== new URL(app.url).origin,
    );
    expect(foreign.map(String)).toEqual([]);
    expect(requested.length).toBeGreaterThan(3);
  });

  async function operationCount(): Promise<number> {
    const { paths } = (await (await fetch(`${app.url}/openapi.json`)).json()) as { paths: Record<string, object> };
    return Object.values(paths).flatMap((path) => Object.keys(path)).length;
  }

  it(
    'shows every operation in Swagger UI, and an authorized request succeeds',
    async () => {
      const { username, accessToken } = await signUp(app);
      await page.goto(`${app.url}/docs`);
      await page.locator('.opblock').first().waitFor();
      expect(await page.locator('.opblock').count()).toBe(await operationCount());

      await page.getByRole('button', { name: 'Authorize' }).click();
      await page.locator('.auth-container input').first().fill(accessToken);
      await page.locator('.auth-btn-wrapper .authorize').first().click();
      await page.locator('.btn-done').first().click();

      const operation = page.locator('#operations-Users-usersGetMe');
      await operation.locator('.opblock-summary-control').click();
      await operation.locator('.execute').click();
      const answer = operation.locator('.live-responses-table');
      await answer.waitFor();
      expect((await answer.locator('tbody .response-col_status').textContent())?.trim()).toMatch(/^200/);
      expect(await answer.textContent()).toContain(username);
      // The duration is shown.
      expect(await operation.textContent()).toMatch(/Request duration\s*\d+ ms/);
      // The models are there, but collapsed.
      expect(await page.locator('.models .model-container').count()).toBe(0);
      await page.locator('.models-control').click();
      await page.locator('.models .model-container, .models .json-schema-2020-12').first().waitFor();
    },
    timeoutMs,
  );

  it(
    'shows every operation in ReDoc, and its search finds them',
    async () => {
      await page.goto(`${app.url}/redoc`);
      await page.locator('[data-section-id*="/operation/"], [id*="/operation/"]').first().waitFor();
      expect(await page.locator('div[id*="/operation/"]').count()).toBe(await operationCount());
      expect(await page.title()).toBe('API reference');

      await page.getByPlaceholder('Search...').fill('profile');
      await page.locator('[data-role="search:results"] li').first().waitFor();
      expect(await page.locator('img').count()).toBe(0);
    },
    timeoutMs,
  );
});

async function signUp(app: TestApp): Promise<{ username: string; accessToken: string }> {
  const [username, password] = ['docs_reader', 'Quiet-Harbour-47'];
  await post(app, 'register', { username, email: 'docs@example.com', password });
  const { accessToken } = (await post(app, 'login', { username, password })) as { accessToken: string };
  return { username, accessToken };
}

async function post(app: TestApp, path: string, body: object): Promise<unknown> {
  const response = await fetch(`${app.url}/api/v1/auth/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}
