import type { LocaleFormat } from '../../i18n/locale-format';

/** "7.2 s", "12 min 40 s", "3 h 05 min": as exact as one can take in. */
export function screenTime(seconds: number, as: Pick<LocaleFormat, 'number'>): string {
  if (seconds < 60) return `${as.number(seconds, 1)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3_600), Math.floor((whole % 3_600) / 60)];
  if (hours === 0) return `${as.number(minutes)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${as.number(hours)} h ${String(minutes).padStart(2, '0')} min`;
}
