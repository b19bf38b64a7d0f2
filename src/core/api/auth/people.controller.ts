import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req } from '@nestjs/common';
import type { Request } from 'express';
import { apiError } from '../../errors/api.errors.js';
import { PeopleStore } from '../../persistence/access/people-store.js';
import { DAY_MS } from '../../plugin-api/index.js';
import { idParams, type IdParams } from '../../wire/inputs.js';
import {
  invitationWire,
  newPersonBody,
  peopleQuery,
  personPatch,
  personWire,
  type InvitationWire,
  type NewPersonBody,
  type PeopleQuery,
  type PersonPatch,
  type PersonWire,
} from '../../wire/people.wire.js';
import { pageOf, type Page } from '../../wire/wire.js';
import { Operation } from '../openapi/operation.js';
import { RequireRole } from './access.js';
import { Authenticator } from './authenticator.js';
import { freshToken, type FreshToken } from './fresh-token.js';
import { actorOf } from './request-actor.js';

/** A first link has to reach somebody; one that replaces a password is used at once. */
const FIRST_LINK_TTL_MS = 7 * DAY_MS;
const NEXT_LINK_TTL_MS = DAY_MS;

/** Who may come in, as admins see to it. */
@Controller('api/users')
@RequireRole('admin')
export class PeopleController {
  constructor(
    private readonly people: PeopleStore,
    private readonly authenticator: Authenticator,
  ) {}

  @Get()
  @Operation({ id: 'listUsers', tag: 'people', summary: 'Everyone who may come in, or could', response: pageOf(personWire) })
  list(@Query({ schema: peopleQuery }) query: PeopleQuery): Promise<Page<PersonWire>> {
    return this.people.list(query);
  }

  @Post()
  @Operation({
    id: 'inviteUser',
    tag: 'people',
    summary: 'Make a person, and the link by which they set their password; it is shown this once',
    response: invitationWire,
    status: 201,
    problems: { 409: 'Somebody has this name' },
  })
  async invite(@Body({ schema: newPersonBody }) body: NewPersonBody, @Req() request: Request): Promise<InvitationWire> {
    const token = freshToken('invitation');
    const person = await this.people.invite(body, { sha256: token.sha256, ttlMs: FIRST_LINK_TTL_MS }, actorOf(request));
    return invitationOf(person, token);
  }

  @Post(':id/link')
  @Operation({
    id: 'makeUserLink',
    tag: 'people',
    summary: 'A new link to set a password, in place of the one before; the password there is stays good until the link is used',
    response: invitationWire,
    status: 201,
    problems: { 404: 'No such person', 409: 'The person is disabled' },
  })
  async link(@Param({ schema: idParams }) { id }: IdParams, @Req() request: Request): Promise<InvitationWire> {
    const token = freshToken('invitation');
    const person = await this.people.inviteAgain(id, { sha256: token.sha256, ttlMs: NEXT_LINK_TTL_MS }, actorOf(request));
    if (person === null) throw noSuchPerson(id);
    return invitationOf(person, token);
  }

  @Patch(':id')
  @Operation({
    id: 'updateUser',
    tag: 'people',
    summary: 'Change name or role; disable a person, which ends what is open of theirs, or enable one',
    response: personWire,
    problems: { 404: 'No such person', 409: 'Somebody has this name, or no admin would be left' },
  })
  async update(
    @Param({ schema: idParams }) { id }: IdParams,
    @Body({ schema: personPatch }) body: PersonPatch,
    @Req() request: Request,
  ): Promise<PersonWire> {
    const person = await this.people.update(id, body, actorOf(request));
    if (person === null) throw noSuchPerson(id);
    this.authenticator.forget();
    return person;
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({
    id: 'removeUser',
    tag: 'people',
    summary: 'Remove a person, with their sessions and API tokens',
    status: 204,
    problems: { 404: 'No such person', 409: 'No admin would be left' },
  })
  async remove(@Param({ schema: idParams }) { id }: IdParams, @Req() request: Request): Promise<void> {
    if (!(await this.people.remove(id, actorOf(request)))) throw noSuchPerson(id);
    this.authenticator.forget();
  }
}

const noSuchPerson = (id: string): Error => apiError('VD_API_NOT_FOUND', `There is no person ${id}.`);

function invitationOf(person: PersonWire, { token }: FreshToken): InvitationWire {
  if (person.linkExpiresAt === null) throw new Error('A link was made and is not there');
  return { person, token, expiresAt: person.linkExpiresAt };
}
