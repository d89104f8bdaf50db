import { Injectable } from '@nestjs/common';
import { DataSource, Repository } from 'typeorm';
import { CursorCodec } from '../../common/http/cursor.js';
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

  page(query: AuditEventsQuery): Promise<KeysetPage<AuditEvent>> {
    const { type } = query;
    return keysetPage(this, {
      shape: type ? 'type' : 'all',
      build: (events, event) => type && events.where(`${event}.type = :type`),
      values: type ? { type } : {},
      query,
      codec: this.codec,
    });
  }
}
