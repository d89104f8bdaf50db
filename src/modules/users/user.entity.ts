import { Column, CreateDateColumn, Entity, Index, PrimaryColumn, UpdateDateColumn } from 'typeorm';
import type { Role } from '../../common/auth/authenticated-user.js';

/** Unique indexes, by the name that a violation reports. */
export const uniqueUsername = 'users_username_key_unique';
export const uniqueEmail = 'users_email_key_unique';

@Entity('users')
@Index('users_created_at_idx', ['createdAt', 'id'])
export class User {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'users_pkey' })
  id: string;

  @Column('text')
  username: string;

  /** The username as it is compared: NFC, without case. */
  @Index(uniqueUsername, { unique: true })
  @Column('text')
  usernameKey: string;

  @Column('text')
  email: string;

  /** The address as it is compared: NFC, without case. */
  @Index(uniqueEmail, { unique: true })
  @Column('text')
  emailKey: string;

  @Column('boolean', { default: false })
  emailVerified: boolean;

  /** Argon2id in PHC format; bcrypt for users who come from an older system and have not signed in yet. */
  @Column('text')
  passwordHash: string;

  @Column('text', { array: true, default: ['user'] })
  roles: Role[];

  @Column('boolean', { default: true })
  isActive: boolean;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz', precision: 3 })
  updatedAt: Date;
}

/** How usernames and addresses are compared. */
export function comparable(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
