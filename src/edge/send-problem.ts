import type { ServerResponse } from 'node:http';
import { problemMediaType, type Problem } from '../common/http/problem.js';

/** Answers with a problem. Nothing of an answer may have been sent yet. */
export function sendProblem(
  response: ServerResponse,
  problem: Problem,
  headers: Readonly<Record<string, string>> = {},
): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  const body = JSON.stringify(problem);
  response.statusCode = problem.status;
  response.setHeader('Content-Type', problemMediaType);
  response.setHeader('Content-Length', Buffer.byteLength(body));
  response.end(body);
}
