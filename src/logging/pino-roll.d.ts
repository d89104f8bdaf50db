declare module 'pino-roll' {
  import type { DestinationStream } from 'pino';

  export default function roll(options: {
    file: string;
    size: string;
    limit: { count: number };
    mkdir: boolean;
  }): Promise<DestinationStream>;
}
