import { Column, CreateDateColumn, Entity, Index, PrimaryColumn } from 'typeorm';

/** What is worth remembering. */
export const auditEventTypes = [
  'user.registered',
  'user.updated',
  'user.deleted',
  'login.succeeded',
  'login.failed',
  'login.limited',
  'access.denied',
] as const;
export type AuditEventType = (typeof auditEventTypes)[number];

/** Who did what, from where, when. No foreign keys: what happened stays true after a user is gone. */
@Entity('audit_events')
@Index('audit_events_created_at_idx', ['createdAt', 'id'])
export class AuditEvent {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'audit_events_pkey' })
  id: string;

  @Column('text')
  type: AuditEventType;

  /** Who did it; null for a stranger. */
  @Column('uuid', { nullable: true })
  actorId: string | null;

  /** Whom it was done to. */
  @Column('uuid', { nullable: true })
  subjectId: string | null;

  @Column('text', { nullable: true })
  ip: string | null;

  @Column('text', { nullable: true })
  userAgent: string | null;

  @Column('text', { nullable: true })
  requestId: string | null;

  @Column('jsonb', { default: {} })
  details: Record<string, unknown>;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  createdAt: Date;
}
