import { Body, Controller, Get, HttpCode, Put, Req } from '@nestjs/common';
import type { Request } from 'express';
import { userError } from '../../errors/user.errors.js';
import { PasswordStore } from '../../persistence/access/password-store.js';
import { accountWire, passwordBody, type AccountWire, type PasswordBody } from '../../wire/people.wire.js';
import { Operation } from '../openapi/operation.js';
import { RequireRole } from './access.js';
import { Authenticator } from './authenticator.js';
import { PasswordGuard } from './password-guard.js';
import { requireStrong } from './password-strength.js';
import { principalOf } from './principal.js';
import { actorOf } from './request-actor.js';

/** Whoever is signed in, and their password. */
@Controller('api/account')
@RequireRole('viewer')
export class AccountController {
  constructor(
    private readonly passwords: PasswordStore,
    private readonly authenticator: Authenticator,
    private readonly guard: PasswordGuard,
  ) {}

  @Get()
  @Operation({ id: 'getAccount', tag: 'people', summary: 'Whoever is signed in, and how they set their password', response: accountWire })
  async account(@Req() request: Request): Promise<AccountWire> {
    const principal = principalOf(request);
    const { isPerson, hash, asksOld } = await this.passwords.own(principal);
    const user = { id: principal.userId, name: principal.userName, role: principal.role };
    return { user, isPerson, hasPassword: hash !== null, asksOldPassword: asksOld };
  }

  @Put('password')
  @HttpCode(204)
  @Operation({
    id: 'setPassword',
    tag: 'people',
    summary: "Set one's own password; ends one's other sessions",
    status: 204,
    problems: { 403: 'The old password is not right, or a token is signed in and no person', 429: 'Too many wrong passwords' },
  })
  async set(@Body({ schema: passwordBody }) { oldPassword, password }: PasswordBody, @Req() request: Request): Promise<void> {
    const principal = principalOf(request);
    const address = request.ip ?? '';
    const { isPerson, hash: was, asksOld } = await this.passwords.own(principal);
    // Whoever holds an API token is to use it, not to become its owner.
    if (!isPerson || principal.kind !== 'session' || (asksOld && was === null))
      throw userError('VD_USER_NOT_A_PERSON', 'Whoever is signed in here is known by a token only.');
    if (asksOld && was !== null && !(await this.isOld(principal.userName, was, oldPassword, address)))
      throw userError('VD_USER_OLD_PASSWORD_WRONG', 'The password was left as it is.');
    requireStrong(password, principal.userName);
    await this.passwords.change(principal, { was, hash: await this.guard.hash(password, address) }, actorOf(request));
    this.authenticator.forget();
  }

  private async isOld(name: string, hash: string, oldPassword: string | undefined, address: string): Promise<boolean> {
    return oldPassword !== undefined && this.guard.isOwn({ name, hash }, oldPassword, address);
  }
}
