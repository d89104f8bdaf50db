import type { ArgumentMetadata } from '@nestjs/common';
import fc from 'fast-check';
import { CreateItemDto, ItemsQuery, UpdateItemDto } from '../../modules/items/items.dto.js';
import { RegisterDto } from '../../modules/auth/auth.dto.js';
import { ValidationFailed } from '../http/problem.exception.js';
import { compileDto, type DtoClass } from './compiled-dto.js';
import { createValidationPipe } from './validation.pipe.js';

const compiled = createValidationPipe('classic', true);
const plain = createValidationPipe('classic', false);

/** What a pipe makes of a value, or the faults that it tells. */
async function outcome(pipe: typeof plain, value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
  try {
    const dto = (await pipe.transform(value, metadata)) as object;
    return { dto, class: dto.constructor.name };
  } catch (error) {
    return error instanceof ValidationFailed ? error.errors : (error as Error).message;
  }
}

/** Values that are right, nearly right and absurd for a field. */
const field = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 10 }),
  fc.constantFrom('draft', 'active', '5', '19.99', '-1', '-createdAt', 'total', '20', 'Secret-1-word', 'a@example.com'),
  fc.integer({ min: -2, max: 300 }),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.oneof(fc.string({ maxLength: 6 }), fc.integer(), fc.constant(null)), { maxLength: 22 }),
  fc.object({ maxDepth: 1 }),
);

const names = [
  'title',
  'description',
  'price',
  'quantity',
  'status',
  'tags',
  'limit',
  'cursor',
  'include',
  'sort',
  'q',
];
const moreNames = ['minPrice', 'tag', 'username', 'email', 'password', 'unknown', 'constructor', '__proto__'];
const value = fc.dictionary(fc.constantFrom(...names, ...moreNames), field, { maxKeys: 7 });
const rightItem = fc.record(
  {
    title: fc.string({ minLength: 1, maxLength: 20 }),
    price: fc.constantFrom('5', '19.99', '007.5'),
    quantity: fc.nat(9),
  },
  { requiredKeys: ['title', 'price'] },
);

describe('DtoPipe', () => {
  it.each<[string, DtoClass, 'body' | 'query']>([
    ['CreateItemDto', CreateItemDto, 'body'],
    ['UpdateItemDto', UpdateItemDto, 'body'],
    ['ItemsQuery', ItemsQuery, 'query'],
    ['RegisterDto', RegisterDto, 'body'],
  ])('makes the same of a value for %s as the plain pipe, or tells the same faults', async (_name, metatype, type) => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(value, rightItem), async (sample) => {
        const metadata = { metatype, type } as ArgumentMetadata;
        const copy = structuredClone(sample);
        expect(await outcome(compiled, sample, metadata)).toEqual(await outcome(plain, copy, metadata));
      }),
      { numRuns: 300 },
    );
  });

  it('accepts what is right by itself, so that the comparison says something', () => {
    const accept = compileDto(CreateItemDto, 'classic');
    expect(accept?.({ title: 'Sextant', price: '5', tags: ['brass'] })).toEqual(
      Object.assign(new CreateItemDto(), { title: 'Sextant', price: '5.00', tags: ['brass'] }),
    );
    expect(accept?.({ title: 'Sextant', price: 5 })).toBeUndefined();
  });
});
