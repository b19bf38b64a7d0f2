import { ChangeDetectionStrategy, Component, computed, effect, inject, type OnDestroy, type OnInit } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { NavigationEnd, Router, RouterOutlet, type ActivatedRouteSnapshot } from '@angular/router';
import { filter } from 'rxjs';
import { Dashboard } from '../core/dashboard';
import { SessionState } from '../core/session-state';
import { SingleKeys } from '../core/keyboard';
import { TopBar } from '../features/status/top-bar';
import type { AppTexts } from '../i18n/en';
import { Texts } from '../i18n/texts';
import type { PageName } from './pages';
import { SideNav } from './side-nav';

/**
 * Around every page of somebody who is signed in. The dashboard runs as long as the shell is there: what it holds of streams and
 * its WebSocket stay when the page changes.
 */
@Component({
  selector: 'vd-shell',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [RouterOutlet, SideNav, TopBar],
  template: `
    <a class="skip" href="#content" (click)="skip($event)">{{ t('nav.skip') }}</a>
    <vd-top-bar [hasKeys]="page() === 'stream'" />
    <vd-side-nav [page]="page()" />
    <div class="shell__page"><router-outlet /></div>
  `,
  host: { class: 'shell', '[class.shell--kiosk]': 'isKiosk()', '(document:keydown)': 'onKey($event)' },
})
export class Shell implements OnInit, OnDestroy {
  private readonly dashboard = inject(Dashboard);
  private readonly router = inject(Router);
  private readonly session = inject(SessionState);
  private readonly arrived = toSignal(this.router.events.pipe(filter((event) => event instanceof NavigationEnd)));
  protected readonly page = computed<PageName>(() => {
    this.arrived();
    return pageOf(this.router.routerState.snapshot.root);
  });
  /** A screen on a wall: `?kiosk` leaves away all that is there to click. */
  protected readonly isKiosk = computed(() => {
    this.arrived();
    return this.router.routerState.snapshot.root.queryParamMap.has('kiosk');
  });
  protected readonly t = inject(Texts).of<AppTexts>('app');
  private readonly keys = inject(SingleKeys);

  constructor() {
    // Lime says that something is live: while nobody can know, nothing on any page says so.
    effect(() => (document.documentElement.dataset['contact'] = this.dashboard.status.isCurrent() ? 'fine' : 'lost'));
    effect(() => {
      if (this.session.status() === 'signed-out') void this.router.navigateByUrl('/sign-in');
    });
  }

  ngOnInit(): void {
    this.dashboard.start();
  }

  ngOnDestroy(): void {
    this.dashboard.stop();
  }

  /** `/` searches, wherever one is. */
  protected onKey(event: KeyboardEvent): void {
    if (event.key !== '/' || !this.keys.mayTake(event)) return;
    event.preventDefault();
    void this.router.navigateByUrl('/search');
  }

  protected skip(event: Event): void {
    event.preventDefault();
    document.querySelector('main')?.focus();
  }
}

/** What the innermost route says it is. */
function pageOf(route: ActivatedRouteSnapshot): PageName {
  return route.firstChild === null ? ((route.data['page'] as PageName | undefined) ?? 'wall') : pageOf(route.firstChild);
}
