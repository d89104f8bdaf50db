import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsEmail,
  IsIn,
  IsString,
  Matches,
  MaxLength,
} from 'class-validator';
import { applyDecorators } from '@nestjs/common';
import { roles, type Role } from '../../common/auth/authenticated-user.js';
import { PageInfo, TimelineQuery } from '../../common/http/page.dto.js';
import { eachThat, Optional } from '../../common/validation/decorators.js';
import type { User } from './user.entity.js';

const usernamePattern = /^[A-Za-z0-9_]{3,50}$/;

/** 3 to 50 letters, digits and underscores of ASCII, so that no two names look alike. */
export const IsUsername = (): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ pattern: usernamePattern.source }),
    IsString(),
    Matches(usernamePattern, { message: '$property must have 3 to 50 letters, digits or underscores' }),
  );

/** An address, without the spaces that come along when it is pasted. */
export const IsEmailAddress = (): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ format: 'email', maxLength: 254 }),
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim().normalize('NFC') : value)),
    IsString(),
    MaxLength(254),
    IsEmail(),
  );

export class UserDto {
  /** @example '01936c1e-8f2a-7c3b-9a41-5d2f7be01234' */
  @ApiProperty({ format: 'uuid' })
  id: string;

  /** @example 'ada_lovelace' */
  username: string;

  /** @example 'ada@example.com' */
  email: string;

  /** Whether the owner of the address has confirmed it. */
  emailVerified: boolean;

  @ApiProperty({ enum: roles, isArray: true, example: ['user'] })
  roles: Role[];

  /** Whether the user may sign in. */
  isActive: boolean;

  createdAt: Date;
  updatedAt: Date;

  /** What leaves of a user; the password hash and the keys stay. */
  static of(user: User): UserDto {
    const { id, username, email, emailVerified, roles: granted, isActive, createdAt, updatedAt } = user;
    return { id, username, email, emailVerified, roles: granted, isActive, createdAt, updatedAt };
  }
}

export class UsersPage {
  data: UserDto[];
  page: PageInfo;
}

export class UsersQuery extends TimelineQuery {}

export class UpdateProfileDto {
  /** @example 'ada_lovelace' */
  @Optional()
  @IsUsername()
  username?: string;

  /**
   * A new address is unverified again.
   * @example 'ada@example.com'
   */
  @Optional()
  @IsEmailAddress()
  email?: string;
}

function isRole(value: unknown): value is Role {
  return (roles as readonly unknown[]).includes(value);
}

export class ManageUserDto {
  @Optional()
  @ApiProperty({ enum: roles, isArray: true, required: false, example: ['user', 'admin'] })
  @IsArray()
  @ArrayNotEmpty()
  @ArrayUnique({ message: '$property must not hold a role twice' })
  @IsIn(roles, eachThat(isRole))
  roles?: Role[];

  /** false signs the user out everywhere and keeps them out. */
  @Optional()
  @IsBoolean()
  isActive?: boolean;
}
