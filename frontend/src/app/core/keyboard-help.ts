import { Injectable, signal } from '@angular/core';

/** Whether the list of keys is on show: the top bar opens it, the page whose keys they are shows it. */
@Injectable({ providedIn: 'root' })
export class KeyboardHelp {
  readonly open = signal(false);
}
