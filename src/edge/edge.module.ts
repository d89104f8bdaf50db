import { Global, Module } from '@nestjs/common';
import { cutProvider, droppedProvider, shedProvider } from './edge.metrics.js';
import { InFlight } from './in-flight.js';
import { LoadShedding } from './load-shedding.js';

/** What the process knows of the requests that it serves. */
@Global()
@Module({
  providers: [InFlight, LoadShedding, cutProvider, droppedProvider, shedProvider],
  exports: [InFlight, LoadShedding, droppedProvider],
})
export class EdgeModule {}
