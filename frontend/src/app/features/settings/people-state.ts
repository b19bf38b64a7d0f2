import { signal } from '@angular/core';
import type { InvitationWire, PersonWire } from '../../api/models';
import type { PeopleApi } from '../../api/people-api';
import { Doing } from '../../core/doing';
import { PagedList } from './paged-list';

export type Role = PersonWire['role'];

/** Who may come in: invited, changed, shut out. */
export class PeopleState {
  readonly list: PagedList<PersonWire>;
  readonly doing = new Doing();
  /** A link that was just made: it is shown this once. */
  readonly link = signal<InvitationWire | null>(null);

  constructor(private readonly api: PeopleApi) {
    this.list = new PagedList((after) => api.users(after));
  }

  invite(name: string, role: Role): Promise<boolean> {
    return this.doing.attempt(async () => this.shown(await this.api.invite({ name: name.trim(), role })));
  }
  newLink({ id }: PersonWire): Promise<boolean> {
    return this.doing.attempt(async () => this.shown(await this.api.makeLink(id)));
  }
  setRole({ id }: PersonWire, role: Role): Promise<boolean> {
    return this.doing.attempt(async () => this.list.put(await this.api.update(id, { role })));
  }
  setDisabled({ id }: PersonWire, disabled: boolean): Promise<boolean> {
    return this.doing.attempt(async () => this.list.put(await this.api.update(id, { disabled })));
  }
  remove({ id }: PersonWire): Promise<boolean> {
    return this.doing.attempt(async () => {
      await this.api.remove(id);
      this.list.drop(id);
    });
  }

  private shown(invitation: InvitationWire): void {
    this.link.set(invitation);
    this.list.put(invitation.person);
  }
}

/** Where the link leads: behind the `#`, which browsers tell no server and no log. */
export const invitationLink = (serverUrl: string, token: string): string => `${serverUrl}/setup#invitation=${token}`;
