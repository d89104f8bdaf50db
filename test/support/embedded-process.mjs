// A process that uses an embedded server until it is told to stop it; embedded-postgres.e2e-spec.ts starts it.
const [modulePath = '', dataDir = ''] = process.argv.slice(2);
const { startEmbeddedPostgres } = await import(modulePath);

// As the product does: a signal starts a drain, during which the database must go on.
process.on('SIGINT', () => process.send?.('draining'));
try {
  const server = await startEmbeddedPostgres({ dataDir, unsafeFast: true });
  process.once('message', () => void server.stop().then(() => process.disconnect()));
  process.send?.({ url: server.url });
} catch (error) {
  process.send?.({ fault: error.message });
  process.disconnect();
}
