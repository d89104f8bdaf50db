import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsInt, IsString, Max, MaxLength, Min } from 'class-validator';
import { Optional, PlainInteger } from '../validation/decorators.js';

export const defaultPageSize = 20;
export const maxPageSize = 100;

/** The query of every list. */
export class PageQuery {
  /** How many entries a page holds. */
  @Optional()
  @ApiProperty({ type: 'integer', required: false })
  @PlainInteger()
  @IsInt()
  @Min(1)
  @Max(maxPageSize)
  limit?: number = defaultPageSize;

  /** The nextCursor of the page before; leave it out for the first page. */
  @Optional()
  @IsString()
  @MaxLength(2048)
  cursor?: string;

  /** total: also count all entries that match. */
  @Optional()
  @ApiProperty({ enum: ['total'], required: false })
  @IsIn(['total'])
  include?: 'total';
}

const timeSorts = ['createdAt', '-createdAt'] as const;

/** The query of a list whose only order is that of creation. */
export class TimelineQuery extends PageQuery {
  /** Order of the list; -createdAt is newest first. */
  @Optional()
  @ApiProperty({ enum: timeSorts, required: false, default: '-createdAt' })
  @IsIn(timeSorts)
  sort?: (typeof timeSorts)[number] = '-createdAt';
}

/** Where a page ends and the next one begins. */
export class PageInfo {
  @ApiProperty({ type: 'integer', example: 20 })
  limit: number;

  /** Send it as cursor for the next page; null on the last one. */
  nextCursor: string | null;

  /** How many entries there are in all; only with include=total. */
  @ApiProperty({ type: 'integer', required: false })
  total?: number;
}
