import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { AuthenticatedUser } from '../../common/auth/authenticated-user.js';
import { CurrentUser } from '../../common/auth/current-user.decorator.js';
import { Roles } from '../../common/auth/roles.decorator.js';
import { ApiProblems } from '../../common/http/api-problems.decorator.js';
import { UuidParamPipe } from '../../common/validation/uuid-param.pipe.js';
import { ManageUserDto, UpdateProfileDto, UserDto, UsersPage, UsersQuery } from './users.dto.js';
import { UsersService } from './users.service.js';

@ApiTags('Users')
@Controller('api/v1/users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  /** Reads your own profile. */
  @Get('me')
  getMe(@CurrentUser() user: AuthenticatedUser): Promise<UserDto> {
    return this.users.getProfile(user.id);
  }

  /** Changes your own profile. */
  @Patch('me')
  @ApiProblems(409)
  updateMe(@CurrentUser() user: AuthenticatedUser, @Body() changes: UpdateProfileDto): Promise<UserDto> {
    return this.users.updateProfile(user.id, changes);
  }

  /** Deletes your account and everything that is yours. */
  @Delete('me')
  @HttpCode(204)
  removeMe(@CurrentUser() user: AuthenticatedUser): Promise<void> {
    return this.users.removeProfile(user.id);
  }

  /** Lists all users. */
  @Get()
  @Roles('admin')
  @ApiProblems(403)
  list(@Query() query: UsersQuery): Promise<UsersPage> {
    return this.users.list(query);
  }

  /** Reads a user. */
  @Get(':id')
  @Roles('admin')
  @ApiProblems(403, 404)
  get(@Param('id', UuidParamPipe) id: string): Promise<UserDto> {
    return this.users.get(id);
  }

  /** Changes what a user may, or shuts them out. */
  @Patch(':id')
  @Roles('admin')
  @ApiProblems(403, 404)
  manage(
    @CurrentUser() admin: AuthenticatedUser,
    @Param('id', UuidParamPipe) id: string,
    @Body() changes: ManageUserDto,
  ): Promise<UserDto> {
    return this.users.manage(admin.id, id, changes);
  }

  /** Deletes a user and everything that is theirs. */
  @Delete(':id')
  @HttpCode(204)
  @Roles('admin')
  @ApiProblems(403, 404)
  remove(@CurrentUser() admin: AuthenticatedUser, @Param('id', UuidParamPipe) id: string): Promise<void> {
    return this.users.remove(admin.id, id);
  }
}
