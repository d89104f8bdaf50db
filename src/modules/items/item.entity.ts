import {
  Check,
  Column,
  CreateDateColumn,
  DeleteDateColumn,
  Entity,
  ForeignKey,
  Index,
  PrimaryColumn,
  UpdateDateColumn,
  VersionColumn,
} from 'typeorm';
import { User } from '../users/user.entity.js';

export const itemStatuses = ['draft', 'active', 'archived'] as const;
export type ItemStatus = (typeof itemStatuses)[number];

/** Foreign key of the owner, by the name that a violation reports. */
export const ownerKey = 'items_owner_id_fkey';

const live = { where: 'deleted_at IS NULL' };

@Entity('items')
@Index('items_owner_created_at_idx', ['ownerId', 'createdAt', 'id'], live)
@Index('items_owner_updated_at_idx', ['ownerId', 'updatedAt', 'id'], live)
@Index('items_owner_title_idx', ['ownerId', 'title', 'id'], live)
@Index('items_owner_price_idx', ['ownerId', 'price', 'id'], live)
@Check('items_price_check', 'price >= 0')
@Check('items_quantity_check', 'quantity >= 0')
@Check('items_status_check', `status IN ('draft', 'active', 'archived')`)
export class Item {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'items_pkey' })
  id: string;

  @ForeignKey(() => User, { name: ownerKey, onDelete: 'CASCADE' })
  @Column('uuid')
  ownerId: string;

  /** Sorted by code point, so that order and index are the same on every server, whatever its locale. */
  @Column({ type: 'text', collation: 'C' })
  title: string;

  @Column('text', { nullable: true })
  description: string | null;

  /** Decimal string with two decimals; a float would lose cents. */
  @Column('numeric', { precision: 12, scale: 2 })
  price: string;

  @Column('integer', { default: 0 })
  quantity: number;

  @Column('text', { default: 'draft' })
  status: ItemStatus;

  @Column('text', { array: true, default: [] })
  tags: string[];

  @VersionColumn()
  version: number;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz', precision: 3 })
  updatedAt: Date;

  @DeleteDateColumn({ type: 'timestamptz', precision: 3 })
  deletedAt: Date | null;
}
