/** How a server says that it ends the session (PostgreSQL manual, 54.8: severity, never translated). */
const endsSession = new Set(['FATAL', 'PANIC']);

/** The fault of a statement, if it leaves its connection in a state that nobody knows: then that must not be used again. */
export function brokenBy(fault: (Error & { severity?: string }) | undefined): Error | undefined {
  const isWhole = fault === undefined || (fault.severity !== undefined && !endsSession.has(fault.severity));
  return isWhole ? undefined : fault;
}
