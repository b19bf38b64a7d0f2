import { Injectable, signal } from '@angular/core';

const KEPT_AS = 'vedette.singleKeys';

/** Whether a letter alone does something. Who speaks to the machine, or types with a stick, switches it off. */
@Injectable({ providedIn: 'root' })
export class SingleKeys {
  private readonly chosen = signal(localStorage.getItem(KEPT_AS) !== 'off');
  readonly on = this.chosen.asReadonly();

  use(on: boolean): void {
    localStorage.setItem(KEPT_AS, on ? 'on' : 'off');
    this.chosen.set(on);
  }

  /** Whether a page may take this key as one of its own. */
  mayTake(event: KeyboardEvent): boolean {
    return (this.chosen() || event.key.length > 1) && !ignoresShortcuts(event);
  }
}

/** Keys belong to whoever types, to an open dialog, and (space, arrows) to the control that has the focus. */
export function ignoresShortcuts(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return true;
  const target = event.target instanceof Element ? event.target : null;
  if (target === null) return false;
  if (target.closest('dialog, input:not([type=range]), textarea, select, [contenteditable]')) return true;
  if (event.key === ' ') return target.closest('button, a, summary, input') !== null;
  if (event.key.startsWith('Arrow')) return target.closest('input, [role=listbox], [data-arrow-keys]') !== null;
  return false;
}
