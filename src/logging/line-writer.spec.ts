import fc from 'fast-check';
import pino from 'pino';
import { LineWriter } from './line-writer.js';

const options = {
  base: { app: 'shop', pid: 7 },
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (label: string) => ({ level: label }) },
};

function withoutTime(line: string): string {
  return line.replace(/"time":"[^"]+"/, '');
}

describe('LineWriter', () => {
  it('writes the very lines that pino writes', () => {
    const written: string[] = [];
    const logger = pino(options, { write: (line: string) => void written.push(line) });
    const writer = new LineWriter(logger);
    const field = fc.oneof(fc.string({ unit: 'binary' }), fc.double(), fc.boolean(), fc.constant(undefined));
    const fields = fc.record({ handler: field, path: field, userAgent: field, status: field });
    const subject = { fields: { requestId: 'a "b"', method: 'GET' } };
    fc.assert(
      fc.property(fields, fc.constantFrom('info', 'error'), (sample, level) => {
        written.length = 0;
        logger[level]({ event: 'one', ...subject.fields, ...sample }, 'told');
        writer.write(level, { event: 'one' }, subject, sample, 'told');
        expect(withoutTime(written[1] ?? '')).toBe(withoutTime(written[0] ?? 'nothing'));
        expect(written[1]).toMatch(/"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/);
      }),
    );
  });

  it('writes nothing below the level of the logger', () => {
    const written: string[] = [];
    const logger = pino({ ...options, level: 'warn' }, { write: (line: string) => void written.push(line) });
    new LineWriter(logger).write('info', { event: 'request_started' }, { fields: {} }, {}, 'told');
    expect(written).toEqual([]);
  });
});
