import { HttpException } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { register } from 'prom-client';
import { ProblemException } from '../../common/http/problem.exception.js';
import { jsonPage, problemPage, type Page, type Pages } from '../../runtime/internal-server.js';
import { HealthService } from '../health/health.service.js';

/** What METRICS_PORT shows of a process that serves by itself. */
export function internalPages(app: NestExpressApplication): Pages {
  return {
    '/metrics': async () => ({ status: 200, contentType: register.contentType, body: await register.metrics() }),
    '/health/detailed': () => detailedHealth(app),
    '/health/live': () => Promise.resolve(jsonPage({ status: 'ok' })),
  };
}

/** As /health/detailed on the main port answers an operator. */
export async function detailedHealth(app: NestExpressApplication): Promise<Page> {
  try {
    return jsonPage(await app.get(HealthService).detailed());
  } catch (error) {
    const { code, detail, extensions } = error instanceof ProblemException ? error : {};
    return problemPage(error instanceof HttpException ? error.getStatus() : 500, { code, detail, extensions });
  }
}
