import { Controller, Get, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { OperatorGuard } from '../../common/auth/operator.guard.js';
import { Public } from '../../common/auth/public.decorator.js';
import { ApiProblems } from '../../common/http/api-problems.decorator.js';
import { SkipRateLimit } from '../../throttling/rate-limit.decorators.js';
import { DetailedHealthDto, HealthDto, LivenessDto, ReadinessDto } from './health.dto.js';
import { HealthService } from './health.service.js';

@ApiTags('Health')
@Public()
@SkipRateLimit()
@Controller('health')
export class HealthController {
  constructor(private readonly health: HealthService) {}

  /** Tells that the process answers, and which version it is. */
  @Get()
  getSummary(): HealthDto {
    return this.health.summary();
  }

  /** Liveness: asks nobody else, so that a dead database does not get the process killed. */
  @Get('live')
  getLiveness(): LivenessDto {
    return { status: 'ok' };
  }

  /** Readiness: 503 keeps traffic away. */
  @Get('ready')
  @ApiProblems(503)
  getReadiness(): Promise<ReadinessDto> {
    return this.health.readiness();
  }

  /** What each dependency and resource is like; for operators. */
  @Get('detailed')
  @UseGuards(OperatorGuard)
  @ApiBearerAuth('operator')
  @ApiProblems(401, 404, 503)
  getDetailed(): Promise<DetailedHealthDto> {
    return this.health.detailed();
  }
}
