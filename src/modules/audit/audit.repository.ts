import { Injectable } from '@nestjs/common';
import { DataSource, Repository } from 'typeorm';
import { CursorCodec } from '../../common/http/cursor.js';
import type { PageQuery } from '../../common/http/page.dto.js';
import { keysetPage, type KeysetPage } from '../../database/keyset.js';
import { AuditEvent } from './audit-event.entity.js';
import type { AuditEventsQuery } from './audit.dto.js';

@Injectable()
export class AuditRepository extends Repository<AuditEvent> {
  constructor(
    dataSource: DataSource,
    private readonly codec: CursorCodec,
  ) {
    super(AuditEvent, dataSource.createEntityManager());
  }

  /** Newest first. */
  page(query: AuditEventsQuery & Required<Pick<PageQuery, 'limit'>>): Promise<KeysetPage<AuditEvent>> {
    const events = this.createQueryBuilder('event');
    if (query.type) events.andWhere('event.type = :type', { type: query.type });
    return keysetPage(events, {
      order: { property: 'createdAt', direction: 'DESC' },
      limit: query.limit,
      cursor: query.cursor,
      scope: query.type ?? '',
      codec: this.codec,
    });
  }
}
