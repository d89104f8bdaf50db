import { Global, Module } from '@nestjs/common';
import { CursorCodec } from './http/cursor.js';

/** What features share and the container must build. */
@Global()
@Module({ providers: [CursorCodec], exports: [CursorCodec] })
export class CommonModule {}
