import type { AppConfig } from '../../config/app-config.js';
import { CursorCodec, type CursorPosition } from './cursor.js';
import { ValidationFailed } from './problem.exception.js';

const codecWith = (secretKey: string) => new CursorCodec({ secretKey } as AppConfig);

describe('CursorCodec', () => {
  const codec = codecWith('a key of 32 bytes or more, for the specs');
  const position: CursorPosition = ['2026-01-02T03:04:05.678Z', '01936c1e-8f2a-7c3b-9a41-5d2f7be01234'];
  const cursor = codec.encode(position, 'items');

  it.each<CursorPosition>([position, ['', 'x'], ['"quoted" \\ 🧭 é\u0301', 'x'], ['19.99', 'x']])(
    'gives %j back',
    (...pair) => {
      expect(codec.decode(codec.encode(pair, 'items'), 'items')).toEqual(pair);
    },
  );

  it('needs no escaping in a URL', () => {
    expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
  });

  it('C2: refuses a cursor in which any sign was changed', () => {
    for (let index = 0; index < cursor.length; index++) {
      const edited = `${cursor.slice(0, index)}${cursor[index] === 'A' ? 'B' : 'A'}${cursor.slice(index + 1)}`;
      expect(() => codec.decode(edited, 'items')).toThrow(ValidationFailed);
    }
  });

  it.each([
    '',
    'A',
    'A'.repeat(22),
    `${cursor}A`,
    `${cursor}=`,
    ` ${cursor}`,
    cursor.slice(2),
    cursor.slice(0, 22),
    '%',
    '🧭',
  ])('C2: refuses %j', (edited) => {
    expect(() => codec.decode(edited, 'items')).toThrow(ValidationFailed);
  });

  it('C2: refuses a cursor of another list, and one that was signed with another key', () => {
    expect(() => codec.decode(cursor, 'users')).toThrow(ValidationFailed);
    const foreign = codecWith('another key of 32 bytes or more').encode(position, 'items');
    expect(() => codec.decode(foreign, 'items')).toThrow(ValidationFailed);
  });

  it('tells apart where the scope ends and the position begins', () => {
    const bytes = Buffer.from(codec.encode(['b', 'id'], 'a'), 'base64url');
    expect(() => codec.decode(bytes.toString('base64url'), 'a\0')).toThrow(ValidationFailed);
  });
});
