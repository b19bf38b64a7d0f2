import type { StoragePlaceWire } from '../../api/models';
import type { LocaleFormat } from '../../i18n/locale-format';
import type { Say } from '../../i18n/texts';
import type { SystemTexts } from './i18n/en';

/** A disk as it is shown. */
export interface DiskView {
  readonly name: string;
  readonly used: string;
  /** How full what it may hold is, 0..1; null: not known. */
  readonly share: number | null;
  readonly tone: 'good' | 'warn' | 'bad' | 'unknown';
  /** When it is full, or how far back it goes; null: not known. */
  readonly forecast: string | null;
  readonly rate: string;
  readonly free: string | null;
}

/** Less than this is soon. */
const SOON_DAYS = 3;

export function diskView(place: StoragePlaceWire, t: Say<SystemTexts>, format: Pick<LocaleFormat, 'bytes'>): DiskView {
  const { kind, name, usedBytes, capacityBytes, bytesPerDay, freeBytes, fullInDays, keepsDays, floorBytes } = place;
  const isFull = freeBytes !== null && freeBytes <= floorBytes;
  return {
    name: kind === 'database' ? t('disks.database') : t('disks.media', { name }),
    used:
      capacityBytes === null
        ? t('disks.usedOnly', { used: format.bytes(usedBytes) })
        : t('disks.used', { used: format.bytes(usedBytes), capacity: format.bytes(capacityBytes) }),
    share: capacityBytes === null || capacityBytes === 0 ? null : usedBytes / capacityBytes,
    // That the oldest goes for its age is as it should be, however full the disk looks.
    tone: isFull ? 'bad' : fullInDays === null ? (capacityBytes === null ? 'unknown' : 'good') : fullInDays < SOON_DAYS ? 'warn' : 'good',
    forecast: isFull ? t('disks.fullNow') : forecastOf(fullInDays, keepsDays, t),
    rate: bytesPerDay === null ? t('disks.rateUnknown') : t('disks.rate', { bytes: format.bytes(bytesPerDay) }),
    free: freeBytes === null ? null : t('disks.free', { bytes: format.bytes(freeBytes) }),
  };
}

function forecastOf(fullInDays: number | null, keepsDays: number | null, t: Say<SystemTexts>): string | null {
  if (fullInDays !== null) return fullInDays < 1 ? t('disks.fullToday') : t.count('disks.full', Math.floor(fullInDays));
  return keepsDays === null ? null : t.count('disks.keeps', Math.max(1, Math.round(keepsDays)));
}
