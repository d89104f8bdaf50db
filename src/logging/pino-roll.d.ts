declare module 'pino-roll' {
  import type { DestinationStream } from 'pino';

  export default function roll(options: {
    file: string;
    size: string;
    limit: { count: number; removeOtherLogFiles: boolean };
    mkdir: boolean;
  }): Promise<DestinationStream>;
}
