import { Module, type DynamicModule } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import type { Logger } from 'pino';
import { BootLogger } from './boot-logger.js';
import { LineWriter } from './line-writer.js';
import { RequestLog, type RequestLines } from './request-log.js';

/** nestjs-pino over the root logger. Its middleware stays unused: RequestLog writes the one line a request needs. */
@Module({})
export class LoggingModule {
  static forRoot(logger: Logger, writesLines: boolean): DynamicModule {
    // Wrapped, the serializer of errors would get a copy with the values of the failed statement in it.
    return {
      module: LoggingModule,
      imports: [
        LoggerModule.forRoot({ pinoHttp: { logger, autoLogging: false, wrapSerializers: false }, forRoutes: [] }),
      ],
      providers: [{ provide: RequestLog, useValue: new RequestLog(requestLines(logger, writesLines)) }, BootLogger],
      exports: [RequestLog, BootLogger],
    };
  }
}

/** The fields of a request's lines are listed one by one, so there is nothing to look for and redact. */
function requestLines(logger: Logger, writesLines: boolean): RequestLines {
  if (writesLines) return new LineWriter(logger);
  const plain = logger.child({}, { redact: [] });
  return {
    write: (level, first, { fields }, rest, message) => plain[level]({ ...first, ...fields, ...rest }, message),
  };
}
