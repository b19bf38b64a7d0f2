import { signal } from '@angular/core';
import type { AccountWire } from '../../api/models';
import type { PeopleApi } from '../../api/people-api';
import { Polling } from '../../core/polling';
import { Doing } from '../../core/doing';

/** Whoever is signed in: what they are called, and their password. */
export class AccountState {
  readonly account: Polling<AccountWire>;
  readonly oldPassword = signal('');
  readonly password = signal('');
  readonly doing = new Doing();
  readonly isIncomplete = signal(false);
  readonly isChanged = signal(false);

  constructor(
    private readonly api: PeopleApi,
    nowMs: () => number,
  ) {
    this.account = new Polling(() => api.account(), nowMs);
  }

  async changePassword(): Promise<void> {
    const asksOld = this.account.value()?.asksOldPassword === true;
    const [oldPassword, password] = [this.oldPassword(), this.password()];
    this.isChanged.set(false);
    this.isIncomplete.set(password === '' || (asksOld && oldPassword === ''));
    if (this.isIncomplete()) return;
    const isDone = await this.doing.attempt(() => this.api.setPassword({ password, ...(asksOld ? { oldPassword } : {}) }));
    if (!isDone) return;
    this.oldPassword.set('');
    this.password.set('');
    this.isChanged.set(true);
    await this.account.load();
  }
}
