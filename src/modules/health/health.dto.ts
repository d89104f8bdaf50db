import { ApiProperty } from '@nestjs/swagger';

const statuses = ['ok', 'degraded', 'error'] as const;
export type HealthStatus = (typeof statuses)[number];

export class HealthDto {
  @ApiProperty({ enum: statuses })
  status: HealthStatus;

  timestamp: Date;

  /** @example '1.0.0' */
  version: string;
}

export class LivenessDto {
  @ApiProperty({ enum: ['ok'] })
  status: 'ok';
}

export class ReadinessDto {
  /** degraded: a neighbour that is not vital is away. */
  @ApiProperty({ enum: ['ok', 'degraded'] })
  status: 'ok' | 'degraded';
}

export class HealthCheckDto {
  @ApiProperty({ enum: ['up', 'degraded', 'down'] })
  status: 'up' | 'degraded' | 'down';

  /** What was measured, where it is a number. */
  percent?: number;

  /** @example 'redis' */
  kind?: string;
}

export class HealthChecksDto {
  database: HealthCheckDto;
  cache: HealthCheckDto;
  memory: HealthCheckDto;
  cpu: HealthCheckDto;
}

export class DetailedHealthDto extends HealthDto {
  checks: HealthChecksDto;
}
