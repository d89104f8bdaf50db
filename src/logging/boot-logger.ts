import { Injectable } from '@nestjs/common';
import { Logger } from 'nestjs-pino';

/** Nest's own line for each module and route, which hide the lines that matter at a start. */
const chatty = new Set(['InstanceLoader', 'NestFactory', 'RoutesResolver', 'RouterExplorer', 'NestApplication']);

/** The logger of the framework: what it only recites is kept for level debug. */
@Injectable()
export class BootLogger extends Logger {
  override log(message: unknown, ...rest: unknown[]): void {
    const context = rest.at(-1);
    if (typeof context === 'string' && chatty.has(context)) this.debug(message, ...rest);
    else super.log(message, ...rest);
  }
}
