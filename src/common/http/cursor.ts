import { createHmac, createSecretKey, hkdfSync, timingSafeEqual, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { ValidationFailed } from './problem.exception.js';

/** The sort value and the id of a page's last row. */
export type CursorPosition = readonly [value: string, id: string];

const macBytes = 16;

/**
 * Opaque page cursors. The code that authenticates one (HMAC-SHA-256, RFC 2104, shortened to 128 bits) covers the list's
 * scope too, so that a cursor is worth nothing with another sort, filter or user.
 */
@Injectable()
export class CursorCodec {
  private readonly key: KeyObject;

  constructor(config: AppConfig) {
    // A key of its own (RFC 5869): what signs tokens must sign nothing else.
    this.key = createSecretKey(new Uint8Array(hkdfSync('sha256', config.secretKey, '', 'page-cursor', 32)));
  }

  encode(position: CursorPosition, scope: string): string {
    const payload = Buffer.from(JSON.stringify(position));
    return Buffer.concat([this.mac(payload, scope), payload]).toString('base64url');
  }

  /** @throws ValidationFailed when the cursor was edited or belongs to another list */
  decode(cursor: string, scope: string): CursorPosition {
    const bytes = Buffer.from(cursor, 'base64url');
    const payload = bytes.subarray(macBytes);
    const mac = bytes.subarray(0, macBytes);
    const isGenuine =
      bytes.toString('base64url') === cursor && payload.length > 0 && timingSafeEqual(mac, this.mac(payload, scope));
    if (!isGenuine) {
      throw new ValidationFailed([
        { field: 'cursor', code: 'invalid_cursor', message: 'must be the nextCursor of this very list' },
      ]);
    }
    return JSON.parse(payload.toString()) as CursorPosition;
  }

  private mac(payload: Buffer, scope: string): Buffer {
    return createHmac('sha256', this.key).update(`${scope}\0`).update(payload).digest().subarray(0, macBytes);
  }
}
