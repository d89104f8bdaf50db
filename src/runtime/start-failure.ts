import { ConfigError } from '../config/load-config.js';

/** What the operator is told when the process can't start: what failed and what to do, a stack only for what nobody foresaw. */
export function explainFailure(error: unknown): string {
  if (!(error instanceof Error)) return 'The start failed for a reason that is no Error';
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (error instanceof ConfigError) return error.message;
  if (code === 'EADDRINUSE') return `${error.message}: another process listens there; stop it or set PORT`;
  if (code === 'EACCES' && syscall === 'listen')
    return `${error.message}: this user may not listen there; choose another PORT or SOCKET_PATH`;
  if (error.cause !== undefined) return error.message;
  return error.stack ?? error.message;
}
