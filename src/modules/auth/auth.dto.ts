import { ApiProperty } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import { IsEmailAddress, IsUsername } from '../users/users.dto.js';
import { IsNewPassword } from '../users/password-rules.js';

export class RegisterDto {
  /** @example 'ada_lovelace' */
  @IsUsername()
  username: string;

  /** @example 'ada@example.com' */
  @IsEmailAddress()
  email: string;

  @IsNewPassword()
  password: string;
}

/** Any text is taken: what breaks the rules of registration is simply a wrong password, told by the same answer. */
export class LoginDto {
  /**
   * Username or e-mail address.
   * @example 'ada_lovelace'
   */
  @IsString()
  username: string;

  /** @example 'Quiet-Harbour-47' */
  @IsString()
  password: string;
}

export class TokenDto {
  /** Send it as Authorization: Bearer. */
  accessToken: string;

  tokenType: 'Bearer';

  /** Seconds until it expires. */
  @ApiProperty({ type: 'integer', example: 1800 })
  expiresIn: number;
}
