import { Global, Module } from '@nestjs/common';
import { cutProvider, shedProvider } from './edge.metrics.js';
import { InFlight } from './in-flight.js';
import { LoadShedding } from './load-shedding.js';

/** What the process knows of the requests that it serves. */
@Global()
@Module({ providers: [InFlight, LoadShedding, cutProvider, shedProvider], exports: [InFlight, LoadShedding] })
export class EdgeModule {}
