import { ChangeDetectionStrategy, Component, computed, inject, input, output } from '@angular/core';
import { clockDuration } from '../../core/format';
import { PlayerClock } from '../../core/player-clock';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts, type Key } from '../../i18n/texts';
import { Icon, type IconName } from '../../shared/ui/icon';
import type { PlayerTexts } from './i18n/en';
import { OverlayMenu } from './overlay-menu';
import type { OverlayPrefs } from './overlay-prefs';
import type { PlayerAction } from './shortcuts';
import { SPEEDS, type Transport } from './transport';

interface Move {
  readonly action: PlayerAction;
  readonly icon: IconName;
  readonly title: Key<PlayerTexts>;
  readonly key: string;
  /** Left away where there is little room: the timeline does it, too. */
  readonly isWide?: boolean;
}

const MOVES: readonly Move[] = [
  { action: 'back', icon: 'back', title: 'controls.back', key: 'j' },
  { action: 'forward', icon: 'forward', title: 'controls.forward', key: 'l' },
  { action: 'previous-frame', icon: 'frame_back', title: 'controls.previousFrame', key: ',', isWide: true },
  { action: 'next-frame', icon: 'frame_on', title: 'controls.nextFrame', key: '.', isWide: true },
  { action: 'previous-event', icon: 'event_back', title: 'controls.previousEvent', key: '[', isWide: true },
  { action: 'next-event', icon: 'event_on', title: 'controls.nextEvent', key: ']', isWide: true },
];

/** The bar below the picture: where it is in time, and everything that moves it. */
@Component({
  selector: 'vd-player-controls',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon, OverlayMenu],
  templateUrl: './player-controls.html',
})
export class PlayerControls {
  readonly transport = input.required<Transport | null>();
  readonly prefs = input.required<OverlayPrefs>();
  readonly paused = input.required<boolean>();
  readonly offline = input.required<boolean>();
  readonly isPast = input.required<boolean>();
  readonly following = input.required<boolean>();
  readonly fullscreen = input.required<boolean>();
  readonly behindMs = input.required<number | null>();
  readonly analyzers = input.required<readonly { readonly id: string; readonly title: string }[]>();
  readonly acted = output<PlayerAction>();
  readonly linkWanted = output<void>();

  protected readonly t = inject(Texts).of<PlayerTexts>('player');
  protected readonly speeds = SPEEDS;
  protected readonly moves = MOVES;
  private readonly format = inject(LocaleFormat);
  private readonly clock = inject(PlayerClock);

  protected readonly muted = computed(() => this.transport()?.muted() ?? true);
  protected readonly volume = computed(() => this.transport()?.volume() ?? 1);
  protected readonly speed = computed(() => this.transport()?.speed() ?? 1);
  protected readonly frameTime = computed(() => {
    const frame = this.clock.coarse();
    return frame === null ? '--:--:--' : this.format.time(frame.atMs);
  });
  protected readonly frameDay = computed(() => {
    const frame = this.clock.coarse();
    return frame === null ? '' : this.format.day(frame.atMs);
  });
  protected readonly behindText = computed(() => {
    const ms = this.behindMs();
    if (ms === null) return '–';
    if (ms < 60_000) return `${this.format.number(ms / 1000, 1)} s`;
    return ms < 86_400_000 ? clockDuration(ms) : this.format.duration(ms);
  });

  protected setVolume(event: Event): void {
    this.transport()?.setVolume((event.target as HTMLInputElement).valueAsNumber / 100);
  }

  protected setSpeed(event: Event): void {
    this.transport()?.setSpeed(Number((event.target as HTMLSelectElement).value));
  }
}
