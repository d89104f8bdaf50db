import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { FieldFault, Problem } from './problem.js';

/** One fault of a request, for the documentation. */
@ApiSchema({ name: 'FieldFault' })
export class FieldFaultDto implements FieldFault {
  /**
   * Where it is: a dotted path into the body, or the name of a parameter.
   * @example 'tags.0'
   */
  field: string;

  /**
   * Stable snake_case name of the broken rule, for programs.
   * @example 'max_length'
   */
  code: string;

  /**
   * The rule in words, for people.
   * @example 'must be at most 50 characters long'
   */
  message: string;
}

/** The body of every error answer, for the documentation. */
@ApiSchema({
  name: 'Problem',
  description: 'The body of every error answer (RFC 9457). Let programs decide by `code`.',
})
export class ProblemDto implements Problem {
  /**
   * Kind of problem; `about:blank` when the status says it all.
   * @example 'about:blank'
   */
  type: string;

  /**
   * The kind in words.
   * @example 'Bad Request'
   */
  title: string;

  /** The HTTP status code. */
  @ApiProperty({ type: 'integer', example: 400 })
  status: number;

  /**
   * What went wrong this time. Never repeats what was sent.
   * @example 'The request has faults; see errors.'
   */
  detail: string;

  /**
   * This one occurrence.
   * @example 'urn:request:0198c0de-7b1c-7f4e-9d3a-2f6b8c1e5a90'
   */
  instance: string;

  /**
   * Stable snake_case word for programs.
   * @example 'validation_failed'
   */
  code: string;

  /**
   * The X-Request-ID of the answer; name it when asking for help.
   * @example '0198c0de-7b1c-7f4e-9d3a-2f6b8c1e5a90'
   */
  requestId: string;

  /** Every fault of the request at once. */
  errors?: FieldFaultDto[];
}
