import { ChangeDetectionStrategy, Component, computed, effect, inject, type OnDestroy, type OnInit } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { NavigationEnd, Router, RouterOutlet, type ActivatedRouteSnapshot } from '@angular/router';
import { filter } from 'rxjs';
import { Dashboard } from '../core/dashboard';
import { SessionState } from '../core/session-state';
import { TopBar, type PageName } from '../features/status/top-bar';

/**
 * Around every page of somebody who is signed in. The dashboard runs as long as the shell is there: what it holds of streams and
 * its WebSocket stay when the page changes.
 */
@Component({
  selector: 'vd-shell',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [RouterOutlet, TopBar],
  template: `
    <a class="skip" href="#content" (click)="skip($event)">Skip to the content</a>
    <vd-top-bar [page]="page()" />
    <router-outlet />
  `,
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

  constructor() {
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

  protected skip(event: Event): void {
    event.preventDefault();
    document.querySelector('main')?.focus();
  }
}

/** What the innermost route says it is. */
function pageOf(route: ActivatedRouteSnapshot): PageName {
  return route.firstChild === null ? ((route.data['page'] as PageName | undefined) ?? 'live') : pageOf(route.firstChild);
}
