import { computed, effect, Injectable, signal } from '@angular/core';

export const THEMES = ['system', 'dark', 'light'] as const;
export type ThemeChoice = (typeof THEMES)[number];

const KEPT_AS = 'vedette.theme';

/** Dark or light, by choice or as the system has it: `data-theme` of the page's root says which; the colours are in `styles/tokens.css`. */
@Injectable({ providedIn: 'root' })
export class Theme {
  private readonly systemIsLight = matchMedia('(prefers-color-scheme: light)');
  private readonly isSystemLight = signal(this.systemIsLight.matches);
  readonly choice = signal<ThemeChoice>(THEMES.find((theme) => theme === localStorage.getItem(KEPT_AS)) ?? 'system');
  /** What is on show; canvases that draw with the theme's colours draw again when it changes. */
  readonly shown = computed(() => {
    const choice = this.choice();
    return choice === 'system' ? (this.isSystemLight() ? 'light' : 'dark') : choice;
  });

  constructor() {
    this.systemIsLight.addEventListener('change', ({ matches }) => this.isSystemLight.set(matches));
    effect(() => (document.documentElement.dataset['theme'] = this.shown()));
  }

  choose(choice: ThemeChoice): void {
    localStorage.setItem(KEPT_AS, choice);
    this.choice.set(choice);
  }

  /** A colour of `styles/tokens.css` as a canvas takes it. @example theme.colour('--ice') */
  colour(token: `--${string}`): string {
    this.shown();
    return getComputedStyle(document.documentElement).getPropertyValue(token).trim();
  }
}
