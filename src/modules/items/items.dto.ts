import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { PageInfo, PageQuery } from '../../common/http/page.dto.js';
import { Line, Money, Optional, Paragraph } from '../../common/validation/decorators.js';
import { Integer, LineList, maxInteger, OneOf } from '../../common/validation/fields.js';
import { itemStatuses, type Item, type ItemStatus } from './item.entity.js';

const itemSorts = ['createdAt', '-createdAt', 'updatedAt', '-updatedAt', 'title', '-title', 'price', '-price'] as const;
type ItemSort = (typeof itemSorts)[number];

export class CreateItemDto {
  /** @example 'Brass sextant' */
  @Line(1, 200)
  title: string;

  /** @example 'Bearing ring by Troughton, in its box.' */
  @Paragraph(0, 5000, { nullable: true })
  description?: string | null;

  /** Decimal string: a JSON number would lose cents. */
  @Money()
  price: string;

  /** @example 3 */
  @Integer(0, maxInteger, { optional: true })
  quantity?: number;

  @OneOf(itemStatuses, { optional: true })
  status?: ItemStatus;

  /** @example ['navigation', 'brass'] */
  @LineList(20, 1, 50, { optional: true })
  tags?: string[];
}

/** A merge patch (RFC 7396): what is left out stays; null empties the description. */
export class UpdateItemDto {
  /** @example 'Brass sextant' */
  @Line(1, 200, { optional: true })
  title?: string;

  /** @example 'Bearing ring by Troughton, in its box.' */
  @Paragraph(0, 5000, { nullable: true })
  description?: string | null;

  /** Decimal string: a JSON number would lose cents. */
  @Money({ optional: true })
  price?: string;

  /** @example 3 */
  @Integer(0, maxInteger, { optional: true })
  quantity?: number;

  @OneOf(itemStatuses, { optional: true })
  status?: ItemStatus;

  /** @example ['navigation', 'brass'] */
  @LineList(20, 1, 50, { optional: true })
  tags?: string[];
}

export class ItemsQuery extends PageQuery {
  /** Order of the list; a - in front turns it round. */
  @Optional()
  @ApiProperty({ enum: itemSorts, required: false, default: '-createdAt' })
  @IsIn(itemSorts)
  sort?: ItemSort = '-createdAt';

  /** Text that title or description contain, without case. */
  @Line(1, 200, { optional: true })
  q?: string;

  @OneOf(itemStatuses, { optional: true })
  status?: ItemStatus;

  /** Lowest price. */
  @Money({ optional: true })
  minPrice?: string;

  /** Highest price. */
  @Money({ optional: true })
  maxPrice?: string;

  /** Only items with this tag. */
  @Line(1, 50, { optional: true })
  tag?: string;
}

export class ItemDto {
  /** @example '01936c1e-8f2a-7c3b-9a41-5d2f7be01234' */
  @ApiProperty({ format: 'uuid' })
  id: string;

  /** @example '01936c1e-8f2a-7c3b-9a41-5d2f7be05678' */
  @ApiProperty({ format: 'uuid' })
  ownerId: string;

  /** @example 'Brass sextant' */
  title: string;

  /** @example 'Bearing ring by Troughton, in its box.' */
  description: string | null;

  /** @example '19.99' */
  price: string;

  @ApiProperty({ type: 'integer', example: 3 })
  quantity: number;

  @ApiProperty({ enum: itemStatuses })
  status: ItemStatus;

  /** @example ['navigation', 'brass'] */
  tags: string[];

  /** Raised by every change; the ETag holds it. */
  @ApiProperty({ type: 'integer' })
  version: number;

  createdAt: Date;
  updatedAt: Date;

  static of(item: Item): ItemDto {
    const { id, ownerId, title, description, price, quantity, status, tags, version, createdAt, updatedAt } = item;
    return { id, ownerId, title, description, price, quantity, status, tags, version, createdAt, updatedAt };
  }
}

export class ItemsPage {
  data: ItemDto[];
  page: PageInfo;
}
