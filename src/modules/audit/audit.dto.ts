import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { PageInfo, TimelineQuery } from '../../common/http/page.dto.js';
import { Optional } from '../../common/validation/decorators.js';
import { auditEventTypes, type AuditEvent, type AuditEventType } from './audit-event.entity.js';

export class AuditEventsQuery extends TimelineQuery {
  /** Only events of this type. */
  @Optional()
  @IsIn(auditEventTypes)
  type?: AuditEventType;
}

export class AuditEventDto {
  /** @example '01936c1e-8f2a-7c3b-9a41-5d2f7be01234' */
  @ApiProperty({ format: 'uuid' })
  id: string;

  /** @example 'login.failed' */
  type: AuditEventType;

  /** Who did it; null for a stranger. */
  actorId: string | null;

  /** The user it was done to. */
  subjectId: string | null;

  /** @example '203.0.113.7' */
  ip: string | null;

  userAgent: string | null;

  requestId: string | null;

  /** More about it, by type. */
  details: Record<string, unknown>;

  createdAt: Date;

  static of(event: AuditEvent): AuditEventDto {
    const { id, type, actorId, subjectId, ip, userAgent, requestId, details, createdAt } = event;
    return { id, type, actorId, subjectId, ip, userAgent, requestId, details, createdAt };
  }
}

export class AuditEventsPage {
  data: AuditEventDto[];
  page: PageInfo;
}
