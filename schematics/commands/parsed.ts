import { DefinitionError } from '../definition/definition.ts';

/** Arguments that can't be parsed are the caller's fault, told in one line. */
export function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new DefinitionError((error as Error).message.split('\n')[0]);
  }
}
