/** Lines of the log that could not be written, since the process began, by where they were to go. */
export const droppedLines: Record<'stdout' | 'file', number> = { stdout: 0, file: 0 };
