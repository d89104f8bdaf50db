import { In, type FindOperator } from 'typeorm';
import type { VersionMatch } from '../common/http/etag.js';

/** The values that are given: what is undefined asks for nothing. */
export function present<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** The condition that a row has one of the versions that If-Match asks for. */
export function versionIn(match: VersionMatch): { version?: FindOperator<number> } {
  return match === 'any' ? {} : { version: In(match) };
}

/** The pattern of ILIKE for what holds this text, in which %, _ and \ are themselves. */
export function patternOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : `%${text.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
}
