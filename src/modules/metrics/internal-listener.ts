import { randomUUID } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import { HttpException } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { register } from 'prom-client';
import { ProblemException } from '../../common/http/problem.exception.js';
import { problemMediaType, problemOf } from '../../common/http/problem.js';
import { AppConfig } from '../../config/app-config.js';
import { HealthService } from '../health/health.service.js';

/** Serves /metrics and /health/detailed on METRICS_PORT, for the inner network: no token, no limits, nothing else. */
export async function startInternalListener(app: NestExpressApplication): Promise<void> {
  const { metricsPort, host } = app.get(AppConfig);
  if (metricsPort === undefined) return;
  const health = app.get(HealthService);
  const pages: Record<string, (response: ServerResponse) => Promise<void>> = {
    '/metrics': async (response) => {
      response.setHeader('Content-Type', register.contentType);
      response.end(await register.metrics());
    },
    '/health/detailed': async (response) => sendJson(response, await health.detailed()),
  };
  const server = createServer((request, response) => {
    const page = request.method === 'GET' ? pages[request.url?.split('?')[0] ?? ''] : undefined;
    if (page) page(response).catch((error: unknown) => fail(response, error));
    else fail(response, new HttpException('', 404));
  });
  // The process ends when the main server has drained; probes need not hold it.
  server.unref();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(metricsPort, host, resolve);
  });
}

function sendJson(response: ServerResponse, body: object): void {
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(body));
}

function fail(response: ServerResponse, error: unknown): void {
  const status = error instanceof HttpException ? error.getStatus() : 500;
  const { code, detail, extensions } = error instanceof ProblemException ? error : {};
  response.statusCode = status;
  response.setHeader('Content-Type', problemMediaType);
  response.end(JSON.stringify(problemOf({ status, code, detail, extensions }, randomUUID())));
}
