import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse } from '@nestjs/swagger';
import { problemResponse } from './problem-responses.js';
import { ProblemDto } from './problem.dto.js';

/**
 * Documents the error answers that are special to an operation, each as application/problem+json.
 * What any operation can answer (400 for bad input, 401, 413, 415, 429, 503) is added by the docs module, so name only the rest:
 * 403, 404, 409, 412, 428.
 * @throws Error when a status is not one that the API answers.
 */
export const ApiProblems = (...statuses: number[]): MethodDecorator & ClassDecorator =>
  applyDecorators(
    ApiExtraModels(ProblemDto),
    ...statuses.map((status) => ApiResponse({ status, ...problemResponse(status) })),
  );
