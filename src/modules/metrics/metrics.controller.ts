import { Controller, Get, Header, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import { register } from 'prom-client';
import { OperatorGuard } from '../../common/auth/operator.guard.js';
import { Public } from '../../common/auth/public.decorator.js';
import { ApiProblems } from '../../common/http/api-problems.decorator.js';
import { SkipRateLimit } from '../../throttling/rate-limit.decorators.js';
import { MetricsSource } from './metrics-source.js';

/** In place of the controller that @willsoto/nestjs-prometheus brings, which is open to all. */
@ApiTags('Metrics')
@Public()
@SkipRateLimit()
@UseGuards(OperatorGuard)
@ApiBearerAuth()
@Controller('metrics')
export class MetricsController {
  constructor(private readonly source: MetricsSource) {}

  /** All metrics of all workers in the Prometheus text format; for operators. */
  @Get()
  @Header('Content-Type', register.contentType)
  @ApiProduces('text/plain')
  @ApiOkResponse({ type: String, description: 'Prometheus text format, version 0.0.4' })
  @ApiProblems(401, 404, 503)
  read(): Promise<string> {
    return this.source.read();
  }
}
