import { Catch, HttpException, HttpStatus, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { currentContext } from '../common/context/request-context.js';
import { requestOf, responseOf } from '../common/http/exchange.js';
import { ProblemException } from '../common/http/problem.exception.js';
import { problemOf, type Problem } from '../common/http/problem.js';
import { databaseProblem } from '../database/sqlstate.js';
import { sendProblem } from './send-problem.js';

/** Told of each problem that is answered. */
export interface ProblemObserver {
  answered(problem: Problem, request: Request, thrown: unknown): void;
}

/** Shapes every error, whoever raised it, into problem details (RFC 9457). */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Problem');

  constructor(private readonly observers: readonly ProblemObserver[]) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = requestOf<Request>(host);
    const response = responseOf<Response>(host);
    // Whoever waited has gone, or has been told; what was stopped for that is no fault.
    if (currentContext()?.isAbandoned && (response.writableEnded || response.destroyed)) return;
    const error = explain(thrown);
    const status = error.getStatus();
    const problem = problemOf({ status, ...partsOf(error) }, currentContext()?.requestId ?? '');
    if (status >= 500) this.logger.error({ event: 'problem', code: problem.code, err: thrown });
    for (const observer of this.observers) observer.answered(problem, request, thrown);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    sendProblem(response, problem, headersOf(error));
  }
}

/** Turns whatever was thrown into an exception with a status. */
function explain(thrown: unknown): HttpException {
  if (thrown instanceof HttpException) return thrown;
  const database = databaseProblem(thrown);
  if (database) return database;
  // Express and its middleware throw errors with a status and a message meant for the client, which may repeat the input.
  const { status, expose } = (thrown ?? {}) as { status?: unknown; expose?: unknown };
  if (thrown instanceof URIError) return new ProblemException(HttpStatus.BAD_REQUEST, 'malformed_url');
  if (expose === true && typeof status === 'number') return new HttpException('', status);
  return new HttpException('', HttpStatus.INTERNAL_SERVER_ERROR);
}

function partsOf(error: HttpException) {
  if (!(error instanceof ProblemException)) return {};
  const { code, detail, errors, extensions } = error;
  return { code, detail, errors, extensions };
}

function headersOf(error: HttpException): Record<string, string> {
  const headers = { ...(error as Partial<ProblemException>).headers };
  if (error.getStatus() === 401) headers['WWW-Authenticate'] ??= 'Bearer';
  if (error.getStatus() === 503) headers['Retry-After'] ??= '1';
  return headers;
}
