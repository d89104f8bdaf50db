import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { problemResponse } from './problem-responses.js';

/**
 * Documents the error answers that are special to an operation (403, 404, 409, 412, 428), each as application/problem+json.
 * What any operation of its kind can answer (400, 401, 413, 415, 429, 503) is added by the docs module.
 * @throws Error when the API never answers that status by intent.
 */
export const ApiProblems = (...statuses: number[]): MethodDecorator & ClassDecorator =>
  applyDecorators(...statuses.map((status) => ApiResponse({ status, ...problemResponse(status) })));
