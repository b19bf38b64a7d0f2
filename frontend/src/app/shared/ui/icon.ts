import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';

/** Drawn on 20 x 20 with a 1.6 stroke. */
const PATHS = {
  play: 'M6 4.2v11.6L15.8 10z',
  pause: 'M6.5 4.5v11M13.5 4.5v11',
  sound: 'M3.5 8v4h2.6L10 15.2V4.8L6.1 8zM13 7.4a3.6 3.6 0 0 1 0 5.2M15.2 5a7 7 0 0 1 0 10',
  muted: 'M3.5 8v4h2.6L10 15.2V4.8L6.1 8zM13 8l4 4M17 8l-4 4',
  boxes: 'M3.5 7V3.5H7M13 3.5h3.5V7M16.5 13v3.5H13M7 16.5H3.5V13M7.2 7.2h5.6v5.6H7.2z',
  label: 'M3.5 3.5h6.2l7 7-6.2 6.2-7-7zM7 7h.01',
  readout: 'M3.5 4.5h13v11h-13zM6.3 8h3M6.3 11.5h7.4M12 8h1.7',
  expand: 'M3.5 7.5v-4h4M12.5 3.5h4v4M16.5 12.5v4h-4M7.5 16.5h-4v-4',
  shrink: 'M7.5 3.5v4h-4M16.5 7.5h-4v-4M12.5 16.5v-4h4M3.5 12.5h4v4',
  offline: 'M3 3l14 14M6.4 6.4H4a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h8.6M9.6 5.6H12a1 1 0 0 1 1 1V9l4-2.4v7.2',
  alert: 'M10 3.2 17.6 16.4H2.4zM10 8v4M10 14.2h.01',
  plus: 'M10 4v12M4 10h12',
  image: 'M3.5 4.5h13v11h-13zM3.5 13l4-3.5 3 2.5 2.5-2 3.5 3M7 7.6h.01',
  remove: 'M4.5 6h11M8 6V4h4v2M6 6l.6 10h6.8L14 6',
  search: 'M9 4a5 5 0 1 1 0 10A5 5 0 0 1 9 4zM12.7 12.7 16.5 16.5',
  brand: 'M10 3.2 12.1 7.8 17 8.4 13.3 11.8 14.4 16.7 10 14.2 5.6 16.7 6.7 11.8 3 8.4 7.9 7.8z',
  copy: 'M7 7h9.5v9.5H7zM4.5 13H3.5V3.5H13v1',
  check: 'M4 10.5l4 4 8-9',
  close: 'M5 5l10 10M15 5L5 15',
  key: 'M12.8 3.5a3.7 3.7 0 1 0 0 7.4 3.7 3.7 0 0 0 0-7.4zM10.2 9.8 3.5 16.5M5.5 14.5l2 2',
  settings: 'M3.5 6h7M14.5 6h2M12.5 3.9v4.2M3.5 14h2M9.5 14h7M7.5 11.9v4.2',
  signout: 'M8 3.5H4.5v13H8M8.5 10h8M13.5 6.5 17 10l-3.5 3.5',
  help: 'M7.4 7.6a2.6 2.6 0 1 1 3.7 2.4c-.8.4-1.1.9-1.1 1.8M10 14.6h.01',
  // Pages
  wall: 'M3.5 3.5h5.5v5.5H3.5zM11 3.5h5.5v5.5H11zM3.5 11h5.5v5.5H3.5zM11 11h5.5v5.5H11z',
  events: 'M3.5 5h13M3.5 10h13M3.5 15h8M15 13.4a1.6 1.6 0 1 1 0 3.2 1.6 1.6 0 0 1 0-3.2z',
  exposure: 'M3.5 16.5v-5h3v5zM8.5 16.5v-9h3v9zM13.5 16.5v-13h3v13z',
  jobs: 'M4 4.5h12M4 8.2h12M4 11.8h7M4 15.5h4M13.4 12.6l3.6 2.1-3.6 2.1z',
  work: 'M3.5 12a6.5 6.5 0 0 1 13 0M10 12l3.2-4M3.5 15.5h13',
  plugin: 'M7.5 3.5v3.5M12.5 3.5v3.5M5 7h10v3.5a5 5 0 0 1-10 0zM10 15.5v2',
  system: 'M3.5 4h13v5h-13zM3.5 11h13v5h-13zM6 6.5h.01M6 13.5h.01',
  person_circle:
    'M10 2.8a7.2 7.2 0 1 1 0 14.4 7.2 7.2 0 0 1 0-14.4zM10 5.8a2.4 2.4 0 1 1 0 4.8 2.4 2.4 0 0 1 0-4.8zM5.4 15.2c1.5-3.8 7.7-3.8 9.2 0',
  more: 'M4.5 10h.01M10 10h.01M15.5 10h.01',
  filter: 'M3.5 4.5h13l-5 6v5l-3 1.5v-6.5z',
  clock: 'M10 2.8a7.2 7.2 0 1 1 0 14.4 7.2 7.2 0 0 1 0-14.4zM10 6v4.2l2.8 1.8',
  download: 'M10 3.5v9M6.2 9 10 12.8 13.8 9M3.5 16.5h13',
  share: 'M10 12.5v-9M6.2 7 10 3.2 13.8 7M4.5 10v6.5h11V10',
  grip: 'M7 5h.01M13 5h.01M7 10h.01M13 10h.01M7 15h.01M13 15h.01',
  undo: 'M7 4.5 3.5 8 7 11.5M3.5 8h8a4.5 4.5 0 0 1 0 9H8',
  left: 'M12 4.5 6.5 10l5.5 5.5',
  right: 'M8 4.5l5.5 5.5L8 15.5',
  up: 'M4.5 12 10 6.5l5.5 5.5',
  down: 'M4.5 8l5.5 5.5L15.5 8',
  // Player
  back: 'M9.5 5.5 4 10l5.5 4.5zM16 5.5 10.5 10l5.5 4.5z',
  forward: 'M4 5.5 9.5 10 4 14.5zM10.5 5.5 16 10l-5.5 4.5z',
  frame_back: 'M14 5 7.5 10l6.5 5zM5.5 5v10',
  frame_on: 'M6 5l6.5 5L6 15zM14.5 5v10',
  event_back: 'M10.5 17V3.5H17l-1.6 2.8L17 9.1h-6.5M6.5 7 3.5 10l3 3',
  event_on: 'M3.5 17V3.5H10L8.4 6.3 10 9.1H3.5M13.5 7l3 3-3 3',
  zoom_in: 'M9 4a5 5 0 1 1 0 10A5 5 0 0 1 9 4zM12.7 12.7 16.5 16.5M9 6.8v4.4M6.8 9h4.4',
  zoom_out: 'M9 4a5 5 0 1 1 0 10A5 5 0 0 1 9 4zM12.7 12.7 16.5 16.5M6.8 9h4.4',
  range: 'M5 3.5v13M15 3.5v13M5 10h10M7.5 7.5 5 10l2.5 2.5M12.5 7.5 15 10l-2.5 2.5',
  zone: 'M4 6.5 11 3.5l5.5 5-3 8-9-2z',
  line: 'M4 15.5 16 4.5M4 15.5h.01M16 4.5h.01',
  clip: 'M3.5 5.5h9v9h-9zM12.5 9l4-2.5v7l-4-2.5',
  again: 'M15.5 6.5A6.5 6.5 0 1 0 16.5 10M15.8 3.2v3.6h-3.6',
  // Events
  black: 'M3.5 4.5h13v11h-13zM3.5 13l10-8.5M7 15.5l9.5-8',
  frozen: 'M10 2.8v14.4M3.8 6.4l12.4 7.2M16.2 6.4 3.8 13.6M7.8 4l2.2 2 2.2-2M7.8 16l2.2-2 2.2 2',
  scene: 'M3.5 5.5h13v9h-13zM10 3v14',
  motion: 'M2.8 10h3l2-5.5 4 11 2-5.5h3.4',
  sound_event: 'M4 8v4M7 5.5v9M10 3.5v13M13 6.5v7M16 8.5v3',
  speech: 'M3.5 4.5h13v9.2H9.6l-3.6 3v-3H3.5zM6.6 7.8h6.8M6.6 10.6h4.4',
  person: 'M10 3.2a2.9 2.9 0 1 1 0 5.8 2.9 2.9 0 0 1 0-5.8zM4.2 16.8c.4-3.4 2.6-5.3 5.8-5.3s5.4 1.9 5.8 5.3',
  event: 'M5 17V3.5h9.5l-2 3.5 2 3.5H5',
} as const;

export type IconName = keyof typeof PATHS;

@Component({
  selector: 'vd-icon',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `<svg
    viewBox="0 0 20 20"
    fill="none"
    stroke="currentColor"
    stroke-width="1.6"
    stroke-linecap="round"
    stroke-linejoin="round"
    focusable="false"
  >
    <path [attr.d]="path()" />
  </svg>`,
  host: { 'aria-hidden': 'true', class: 'icon' },
})
export class Icon {
  readonly name = input.required<IconName>();
  protected readonly path = computed(() => PATHS[this.name()]);
}
