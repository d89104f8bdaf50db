import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import { codePointsOf, rule } from '../../common/validation/decorators.js';
import { isCommonPassword } from './common-passwords.js';

const maxLength = 128;
const classic = { groups: ['classic'] };
const nist = { groups: ['nist'] };

/**
 * The rules of a new password, each a fault of its own. `classic` asks for a composition (requirement R3.5), `nist` for
 * length instead (NIST SP 800-63B, section 3.1.1.2). The validation group comes from PASSWORD_POLICY.
 */
export const IsNewPassword = (): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ minLength: 8, maxLength, format: 'password', example: 'Quiet-Harbour-47' }),
    IsString(),
    rule('passwordLength', `must have 8 to ${maxLength} characters`, (text) => isLong(text, 8), classic),
    rule('passwordUppercase', 'must have an upper case letter', (text) => /\p{Lu}/u.test(text), classic),
    rule('passwordLowercase', 'must have a lower case letter', (text) => /\p{Ll}/u.test(text), classic),
    rule('passwordDigit', 'must have a digit', (text) => /\p{Nd}/u.test(text), classic),
    rule('passwordSpecial', 'must have a special character', (text) => /[^\p{L}\p{N}\s]/u.test(text), classic),
    rule('passwordLength', `must have 15 to ${maxLength} characters`, (text) => isLong(text, 15), nist),
    rule('passwordCommon', 'must not be a common password', (text) => !isCommonPassword(text)),
  );

function isLong(text: string, min: number): boolean {
  // Code points are never more than code units, so a huge text needs no counting.
  if (text.length > maxLength * 2) return false;
  const length = codePointsOf(text.normalize('NFC'));
  return length >= min && length <= maxLength;
}
