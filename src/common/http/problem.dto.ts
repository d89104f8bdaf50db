import { ApiSchema } from '@nestjs/swagger';

/** One fault of a request. */
@ApiSchema({ name: 'ProblemFault' })
export class ProblemFaultDto {
  /**
   * Where it is: a dotted path into the body, or the name of a parameter.
   * @example 'tags.0'
   */
  field: string;

  /**
   * Stable snake_case code of the broken rule, for programs.
   * @example 'max_length'
   */
  code: string;

  /**
   * The rule in a sentence, for people.
   * @example 'must be at most 50 characters long'
   */
  message: string;
}

/** The body of every error answer: application/problem+json, RFC 9457. */
@ApiSchema({
  name: 'Problem',
  description: 'The body of every error answer (RFC 9457). Programs should decide by `code`.',
})
export class ProblemDto {
  /**
   * Identifies the kind of problem; `about:blank` when the status says it all.
   * @example 'about:blank'
   */
  type: string;

  /**
   * Short summary of the kind of problem.
   * @example 'Bad Request'
   */
  title: string;

  /**
   * The HTTP status code.
   * @example 400
   */
  status: number;

  /**
   * What went wrong this time. Never repeats the request's content.
   * @example 'The request has 1 fault.'
   */
  detail: string;

  /**
   * Identifies this occurrence.
   * @example 'urn:request:0198c0de-7b1c-7f4e-9d3a-2f6b8c1e5a90'
   */
  instance: string;

  /**
   * Stable snake_case code for programs.
   * @example 'validation_failed'
   */
  code: string;

  /**
   * The X-Request-ID of the answer; name it when asking for help.
   * @example '0198c0de-7b1c-7f4e-9d3a-2f6b8c1e5a90'
   */
  requestId: string;

  /** Every fault of the request at once. */
  errors?: ProblemFaultDto[];
}
