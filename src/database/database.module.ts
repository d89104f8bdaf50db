import { Global, Logger, Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AppConfig } from '../config/app-config.js';
import { AbandonedWork } from './abandoned-work.js';
import { createDataSource } from './data-source.js';
import { Database } from './database.service.js';

/** The one pool. Connecting is a step of the boot, not of the container, so that the process can answer probes meanwhile. */
@Global()
@Module({
  providers: [
    {
      provide: DataSource,
      inject: [AppConfig],
      useFactory: (config: AppConfig) => {
        const logger = new Logger('Pool');
        return createDataSource(config, (error) =>
          logger.warn(`A database connection broke: ${(error as Error).message}`),
        );
      },
    },
    Database,
    AbandonedWork,
  ],
  exports: [DataSource, Database],
})
export class DatabaseModule {}
