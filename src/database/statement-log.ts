import { Logger } from '@nestjs/common';
import type { Logger as TypeOrmLogger } from 'typeorm';

/**
 * Writes statements to the log, never their values, which are people's data. TypeORM's own loggers print both, past the
 * log. Failures are left to whoever catches them.
 */
export class StatementLog implements TypeOrmLogger {
  private readonly logger = new Logger('Database');

  constructor(private readonly isOn: boolean) {}

  logQuery(sql: string): void {
    if (this.isOn) this.logger.debug({ event: 'sql', sql });
  }

  logQueryError(): void {}
  logQuerySlow(): void {}
  logSchemaBuild(): void {}
  logMigration(): void {}
  log(): void {}
}
