import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** Milliseconds that every chunk waits, in each direction. */
  delayMs: number;
  /** Lets what is connected now stay open but silent for good, as when a network drops packets. */
  silence(): void;
  /** Breaks what is connected now, as when a firewall forgets its connections. */
  reset(): void;
  stop(): Promise<void>;
}

/** A proxy on the loopback that makes the network to `targetPort` slow or silent. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  // Half-open, so that a silent connection doesn't even answer that the client ends it.
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true });
    forward(near, far);
    forward(far, near);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  function forward(from: Socket, to: Socket): void {
    sockets.add(from);
    from.on('end', () => to.end());
    from.on('data', (chunk) => {
      if (proxy.delayMs === 0) to.write(chunk);
      else setTimeout(() => to.write(chunk), proxy.delayMs);
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
  }

  const proxy: TcpProxy = {
    port: (server.address() as AddressInfo).port,
    delayMs: 0,
    silence: () => {
      for (const socket of sockets) socket.removeAllListeners('data').removeAllListeners('end').resume();
    },
    reset: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}
