import { Controller, Get } from '@nestjs/common';
import { Public } from '../auth/public.decorator.js';

@Controller('health')
export class HealthController {
  @Public()
  @Get()
  check() {
    return { status: 'healthy', timestamp: new Date().toISOString(), version: '1.0.0' };
  }
}
