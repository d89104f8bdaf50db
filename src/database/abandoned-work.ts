import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { InFlight } from '../edge/in-flight.js';
import { poolOf } from './data-source.js';

/** A statement whose answer nobody waits for any more is cancelled on the server. */
@Injectable()
export class AbandonedWork implements OnModuleInit {
  constructor(
    private readonly inFlight: InFlight,
    private readonly dataSource: DataSource,
  ) {}

  onModuleInit(): void {
    this.inFlight.onAbandoned((context) => {
      if (this.dataSource.isInitialized) poolOf(this.dataSource).cancelWorkOf(context);
    });
  }
}
