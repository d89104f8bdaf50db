/** Drops the run's databases and stops the server that global-setup.ts started. */
export default async function tearDown(): Promise<void> {
  const { tearDownDatabases } = globalThis as { tearDownDatabases?: () => Promise<void> };
  await tearDownDatabases?.();
}
