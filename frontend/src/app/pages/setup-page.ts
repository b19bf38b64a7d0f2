import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  effect,
  ElementRef,
  inject,
  Injector,
  signal,
  untracked,
  type OnDestroy,
  type OnInit,
  ViewEncapsulation,
} from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import type { StreamWire } from '../api/models';
import { Dashboard } from '../core/dashboard';
import { SERVER_URL } from '../core/server-address';
import { SessionState } from '../core/session-state';
import { AnalyzersStep } from '../features/setup/analyzers-step';
import { ConnectCard } from '../features/setup/connect-card';
import { FirstStreamState } from '../features/setup/first-stream-state';
import type { SetupTexts } from '../features/setup/i18n/en';
import { InvitedStep } from '../features/setup/invited-step';
import { PersonStep } from '../features/setup/person-step';
import { SETUP_STEPS, SetupState } from '../features/setup/setup-state';
import { StreamStep } from '../features/setup/stream-step';
import { StreamDialog } from '../features/streams/stream-dialog';
import type { AppTexts } from '../i18n/en';
import { Texts } from '../i18n/texts';
import { EmptyState } from '../shared/ui/empty-state';
import { Icon } from '../shared/ui/icon';
import { ProblemText } from '../shared/ui/problem-text';

/** The first person, the first stream, its first picture: one step after the other, also for who was invited. */
@Component({
  selector: 'vd-setup-page',
  changeDetection: ChangeDetectionStrategy.OnPush,
  encapsulation: ViewEncapsulation.None,
  styleUrl: '../features/setup/setup.css',
  imports: [AnalyzersStep, ConnectCard, EmptyState, Icon, InvitedStep, PersonStep, ProblemText, RouterLink, StreamDialog, StreamStep],
  templateUrl: './setup-page.html',
})
export class SetupPage implements OnInit, OnDestroy {
  protected readonly state = inject(SetupState);
  protected readonly firstStream = inject(FirstStreamState);
  protected readonly session = inject(SessionState);
  protected readonly t = inject(Texts).of<SetupTexts>('setup');
  protected readonly app = inject(Texts).of<AppTexts>('app');
  protected readonly steps = SETUP_STEPS;
  /** The form of any source is open. */
  protected readonly isOtherOpen = signal(false);
  private readonly dashboard = inject(Dashboard);
  private readonly router = inject(Router);
  private readonly serverUrl = inject(SERVER_URL);
  private readonly injector = inject(Injector);
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);

  constructor() {
    effect(() => {
      const phase = this.state.phase();
      untracked(() => {
        if (phase === 'stream') this.dashboard.start();
        afterNextRender(() => this.focusStep(), { injector: this.injector });
      });
    });
  }

  ngOnInit(): void {
    void this.begin();
  }

  ngOnDestroy(): void {
    this.dashboard.stop();
  }

  /** Whoever types, or reads with a screen reader, goes on where the step begins. */
  private focusStep(): void {
    const step = this.host.nativeElement.querySelector<HTMLElement>('.setup__step');
    (step?.querySelector<HTMLElement>('input:not(.hidden):not([type=radio])') ?? step)?.focus();
  }

  protected async begin(): Promise<void> {
    const fragment = location.hash.slice(1);
    await this.state.begin(fragment);
    // What opens a door does not stay in the address, nor in the history.
    if (fragment !== '') await this.router.navigate([], { replaceUrl: true });
  }

  protected taken(stream: StreamWire): void {
    this.dashboard.streams.put(stream);
    this.firstStream.take(stream);
  }

  /** The form was closed: with a stream, the way goes on. */
  protected otherClosed(): void {
    this.isOtherOpen.set(false);
    if (this.firstStream.made() !== null) this.state.phase.set('connect');
  }

  protected mimeTypes(): readonly string[] {
    const pages = this.firstStream.sources().find(({ id }) => id === 'browser')?.pages;
    return (pages?.mimeTypes ?? []).map(({ mimeType }) => mimeType);
  }

  /** A camera is sent from this page: the stream is then watched on another one. */
  protected toStream(): void {
    const made = this.firstStream.made();
    const path = made === null ? '/' : `/streams/${made.stream.name}`;
    if (made?.way === 'camera') window.open(this.serverUrl + path, '_blank', 'noopener');
    else void this.router.navigateByUrl(path);
  }

  protected toWall(): void {
    void this.router.navigateByUrl('/');
  }
}
