import { Injectable, Logger } from '@nestjs/common';
import { currentContext } from '../../common/context/request-context.js';
import { newId } from '../../common/new-id.js';
import type { AuditEventType } from './audit-event.entity.js';
import { AuditEventDto, type AuditEventsPage, type AuditEventsQuery } from './audit.dto.js';
import { AuditRepository } from './audit.repository.js';

interface Happening {
  readonly actorId?: string;
  readonly subjectId?: string;
  readonly details?: Record<string, unknown>;
}

@Injectable()
export class AuditService {
  private readonly logger = new Logger('Audit');

  constructor(private readonly events: AuditRepository) {}

  /** Keeps who did what, from where and when. Never fails the request that it tells of: the log has the event too. */
  async record(type: AuditEventType, { actorId, subjectId, details = {} }: Happening): Promise<void> {
    const context = currentContext();
    this.logger.log({ event: 'audit', type, actorId, subjectId, ip: context?.clientIp });
    // It has happened, whether or not its client waits to hear of it.
    if (context) context.mustFinish = true;
    try {
      await this.events.insert({
        id: newId(),
        type,
        actorId: actorId ?? null,
        subjectId: subjectId ?? null,
        ip: context?.clientIp ?? null,
        userAgent: context?.userAgent?.slice(0, 500) ?? null,
        requestId: context?.requestId ?? null,
        details: details as Record<string, never>,
      });
    } catch (error) {
      this.logger.error({ event: 'audit_lost', type, err: error });
    }
  }

  async list(query: AuditEventsQuery): Promise<AuditEventsPage> {
    const { rows, page } = await this.events.page(query);
    return { data: rows.map((event) => AuditEventDto.of(event)), page };
  }
}
