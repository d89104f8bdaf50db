import { Controller, Get, Header, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import { register } from 'prom-client';
import { OperatorGuard } from '../../common/auth/operator.guard.js';
import { Public } from '../../common/auth/public.decorator.js';
import { ApiProblems } from '../../common/http/api-problems.decorator.js';
import { SkipRateLimit } from '../../throttling/rate-limit.decorators.js';

/** In place of the controller that @willsoto/nestjs-prometheus brings, which is open to all. */
@ApiTags('Metrics')
@Public()
@SkipRateLimit()
@UseGuards(OperatorGuard)
@ApiBearerAuth('operator')
@Controller('metrics')
export class MetricsController {
  /** All metrics in the Prometheus text format; for operators. */
  @Get()
  @Header('Content-Type', register.contentType)
  @ApiProduces('text/plain')
  @ApiOkResponse({ type: String, description: 'Prometheus text format, version 0.0.4' })
  @ApiProblems(401, 404)
  read(): Promise<string> {
    return register.metrics();
  }
}
