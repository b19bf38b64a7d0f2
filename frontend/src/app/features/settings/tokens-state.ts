import { signal } from '@angular/core';
import type { NewTokenWire, TokenWire } from '../../api/models';
import type { PeopleApi } from '../../api/people-api';
import { Doing } from '../../core/doing';
import { PagedList } from './paged-list';

/** Days that a token may last; null: until it is revoked. */
export const LIFETIMES_DAYS = [30, 90, 365, null] as const;

export interface TokenWish {
  readonly name: string;
  readonly role: TokenWire['role'];
  readonly days: number | null;
}

/** API tokens, for programs. */
export class TokensState {
  readonly list: PagedList<TokenWire>;
  readonly doing = new Doing();
  /** One that was just made: it is shown this once. */
  readonly fresh = signal<NewTokenWire | null>(null);

  constructor(private readonly api: PeopleApi) {
    this.list = new PagedList(async () => ({ items: await api.tokens(), next: null }));
  }

  create({ name, role, days }: TokenWish): Promise<boolean> {
    return this.doing.attempt(async () => {
      const made = await this.api.createToken({ name: name.trim(), role, ...(days === null ? {} : { expiresInDays: days }) });
      this.fresh.set(made);
      const { token: _, ...listed } = made;
      this.list.put(listed);
    });
  }

  revoke({ id }: TokenWire): Promise<boolean> {
    return this.doing.attempt(async () => {
      await this.api.revokeToken(id);
      this.list.drop(id);
    });
  }
}
