import { lstat, unlink } from 'node:fs/promises';
import { connect, type Server } from 'node:net';

/** Where to listen: a Unix socket with its permissions, or an address. */
export interface ListenTarget {
  readonly host: string;
  readonly port: number;
  readonly socketPath?: string;
  readonly socketMode: number;
}

/** Connections that wait to be accepted, where the system (somaxconn) allows as many. A crowd that comes at once needs it. */
const backlog = 4096;

/** Where a worker finds the socket that its supervisor bound: the descriptor after the three standard ones and the channel. */
export const inheritedDescriptor = 4;

/**
 * Listens, and resolves once connections are taken.
 * @throws Error EADDRINUSE when another process listens there
 */
export async function listenOn(server: Server, target: ListenTarget | 'inherited'): Promise<void> {
  if (target !== 'inherited' && target.socketPath) await removeStaleSocket(target.socketPath);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve();
    });
    if (target === 'inherited') server.listen({ fd: inheritedDescriptor, backlog });
    else if (target.socketPath) withMode(target.socketMode, () => server.listen({ path: target.socketPath, backlog }));
    else server.listen({ port: target.port, host: target.host, backlog });
  });
}

/** Runs `bind`, which makes a socket, so that it has these permissions from its first moment on. */
export function withMode<T>(mode: number, bind: () => T): T {
  const before = process.umask(0o777 & ~mode);
  try {
    return bind();
  } finally {
    process.umask(before);
  }
}

/**
 * Removes a socket that a process left behind when it was killed.
 * @throws Error EADDRINUSE when somebody answers on it
 */
export async function removeStaleSocket(path: string): Promise<void> {
  const file = await lstat(path).catch(() => undefined);
  if (!file?.isSocket()) return;
  const refusal = await refusalOf(path);
  if (refusal === 'ECONNREFUSED') await unlink(path);
  else if (refusal === undefined) {
    throw new Error(
      `listen EADDRINUSE: address already in use ${path}: another process listens there; stop it or set SOCKET_PATH`,
      { cause: 'EADDRINUSE' },
    );
  }
}

/** Why nobody could be reached on a socket, or undefined when somebody was. */
function refusalOf(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
    probe.once('connect', () => {
      probe.destroy();
      resolve(undefined);
    });
  });
}
