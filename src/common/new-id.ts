import * as crypto from 'node:crypto';
import { v7 } from 'uuid';

/** A new id that sorts by the time it was made (UUID version 7, RFC 9562). Node makes them itself since version 26. */
export const newId: () => string = (crypto as { randomUUIDv7?: () => string }).randomUUIDv7 ?? (() => v7());
