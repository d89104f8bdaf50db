declare module 'pino-roll' {
  import type { destination } from 'pino';

  export default function roll(options: {
    file: string;
    size: string;
    limit: { count: number; removeOtherLogFiles: boolean };
    mkdir: boolean;
    maxLength: number;
  }): Promise<ReturnType<typeof destination>>;
}
