import { problemResponse } from './problem-responses.js';

describe('problemResponse', () => {
  it('documents a status as a problem with the words that the filter uses', () => {
    const { description, content } = problemResponse(404) as { description: string; content: Record<string, unknown> };
    expect(description).not.toBe('');
    expect(content).toEqual({
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        example: expect.objectContaining({ status: 404, title: 'Not Found', code: 'not_found' }),
      },
    });
  });

  it('refuses a status that the API does not answer by intent', () => {
    expect(() => problemResponse(418)).toThrow('418');
  });
});
