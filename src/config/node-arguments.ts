/** What Node itself was told at its start: on the command line, and in NODE_OPTIONS, which is Node's and no setting of ours. */
export function nodeArguments(): string {
  return [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ');
}
