import { Body, Controller, HttpCode, Post, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Public } from '../../common/auth/public.decorator.js';
import { ApiProblems } from '../../common/http/api-problems.decorator.js';
import { locationHeader } from '../../common/http/response-headers.js';
import { LoginRateLimit } from '../../throttling/rate-limit.decorators.js';
import { UserDto } from '../users/users.dto.js';
import { LoginDto, RegisterDto, TokenDto } from './auth.dto.js';
import { AuthService } from './auth.service.js';

@ApiTags('Auth')
@Public()
@Controller('api/v1/auth')
export class AuthController {
  constructor(private readonly auth: AuthService) {}

  /** Creates an account. */
  @Post('register')
  @ApiCreatedResponse({ type: UserDto, headers: locationHeader })
  @ApiProblems(409)
  async register(@Body() body: RegisterDto, @Res({ passthrough: true }) response: Response): Promise<UserDto> {
    const user = await this.auth.register(body);
    response.setHeader('Location', `/api/v1/users/${user.id}`);
    return user;
  }

  /** Exchanges username or e-mail address and password for an access token. */
  @Post('login')
  @HttpCode(200)
  @LoginRateLimit()
  @ApiProblems(401)
  login(@Body() body: LoginDto): Promise<TokenDto> {
    return this.auth.login(body);
  }
}
