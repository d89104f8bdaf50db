import { once } from 'node:events';
import { connect } from 'node:net';
import type { Problem } from './api.js';
import { fixedHeaderFaults } from './fixed-headers.js';
import { problemFaults } from './problem-check.js';
import type { Answer } from './client.js';

/**
 * Writes bytes as they are to the server and reads all that it answers until it closes the connection; for requests that
 * no HTTP client would send. Ask for Connection: close where the server would keep it.
 * @throws Error when an answer lacks the fixed headers or is an error that is no problem
 */
export async function sendRaw(url: string, bytes: string | Buffer): Promise<Answer[]> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // A reset after the answer ends the reading as an orderly end does.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(bytes);
  await new Promise((resolve) => socket.once('close', resolve));
  const answers = answersIn(Buffer.concat(chunks).toString('latin1'));
  for (const answer of answers) verify(answer);
  return answers;
}

function answersIn(stream: string): Answer[] {
  const answers: Answer[] = [];
  for (let rest = stream; rest !== '';) {
    const headEnd = rest.indexOf('\r\n\r\n');
    const [statusLine = '', ...lines] = rest.slice(0, headEnd).split('\r\n');
    const headers = Object.fromEntries(lines.map((line) => splitHeader(line)));
    const length = Number(headers['content-length'] ?? 0);
    const text = Buffer.from(rest.slice(headEnd + 4, headEnd + 4 + length), 'latin1').toString();
    const isJson = headers['content-type']?.includes('json') ?? false;
    const body = (isJson && text !== '' ? JSON.parse(text) : undefined) as Problem;
    answers.push({ status: Number(statusLine.split(' ')[1]), headers, body, text });
    rest = headEnd === -1 ? '' : rest.slice(headEnd + 4 + length);
  }
  return answers;
}

function splitHeader(line: string): [string, string] {
  const at = line.indexOf(':');
  return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
}

function verify(answer: Answer): void {
  const nothing = { method: '', path: '', headers: {}, payload: undefined, allow5xx: false };
  const faults = [
    ...fixedHeaderFaults(answer, false),
    ...(answer.status >= 500 ? ['5xx'] : []),
    ...(answer.status >= 400 ? problemFaults(nothing, answer) : []),
  ];
  if (faults.length > 0) throw new Error(`answer ${answer.status} ${answer.text}\n${faults.join('\n')}`);
}
