import { Injectable } from '@nestjs/common';
import { register } from 'prom-client';

/** Where /metrics is read: in this process, unless it is a worker, whose supervisor knows all workers. */
@Injectable()
export class MetricsSource {
  read: () => Promise<string> = () => register.metrics();
}
