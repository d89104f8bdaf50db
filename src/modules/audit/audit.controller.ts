import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../common/auth/roles.decorator.js';
import { ApiProblems } from '../../common/http/api-problems.decorator.js';
import { AuditEventsPage, AuditEventsQuery } from './audit.dto.js';
import { AuditService } from './audit.service.js';

@ApiTags('Audit')
@Roles('admin')
@Controller('api/v1/audit-events')
export class AuditController {
  constructor(private readonly audit: AuditService) {}

  /** Lists who did what, from where and when. */
  @Get()
  @ApiProblems(403)
  list(@Query() query: AuditEventsQuery): Promise<AuditEventsPage> {
    return this.audit.list(query);
  }
}
