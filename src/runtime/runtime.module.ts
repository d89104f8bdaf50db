import { Global, Module } from '@nestjs/common';
import { EventLoopDelay } from './event-loop-delay.js';
import { Lifecycle } from './lifecycle.js';

@Global()
@Module({ providers: [Lifecycle, EventLoopDelay], exports: [Lifecycle, EventLoopDelay] })
export class RuntimeModule {}
