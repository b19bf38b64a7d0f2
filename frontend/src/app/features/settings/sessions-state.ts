import { computed, signal } from '@angular/core';
import type { OpenSessionWire } from '../../api/models';
import type { PeopleApi } from '../../api/people-api';
import { Doing } from '../../core/doing';
import { PagedList } from './paged-list';

/** Where somebody is signed in: oneself, or everybody. */
export class SessionsState {
  readonly of = signal<'me' | 'everyone'>('me');
  readonly list: PagedList<OpenSessionWire>;
  readonly doing = new Doing();
  readonly hasOthers = computed(() => (this.list.items() ?? []).some(({ current }) => !current));

  constructor(private readonly api: PeopleApi) {
    this.list = new PagedList((after) => api.sessions(this.of(), after));
  }

  show(of: 'me' | 'everyone'): Promise<void> {
    this.of.set(of);
    this.list.items.set(null);
    return this.list.load();
  }

  end({ id }: OpenSessionWire): Promise<boolean> {
    return this.doing.attempt(async () => {
      await this.api.endSession(id);
      this.list.drop(id);
    });
  }

  endOthers(): Promise<boolean> {
    return this.doing.attempt(async () => {
      await this.api.endOtherSessions();
      await this.list.load();
    });
  }
}
