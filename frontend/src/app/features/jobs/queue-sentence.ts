import type { QueueReportWire } from '../../api/models';
import type { LocaleFormat } from '../../i18n/locale-format';
import type { Say } from '../../i18n/texts';
import type { JobsTexts } from './i18n/en';

/** The server's verdict on a queue, with its figures, in the language of whoever reads it. */
export function queueSentence(
  queue: QueueReportWire,
  t: Say<JobsTexts>,
  as: Pick<LocaleFormat, 'number' | 'duration' | 'dateTime'>,
): string {
  const oldest = as.duration(queue.oldestMs ?? 0);
  const [arrived, ended] = [as.number(queue.arrivedPerSecond, 1), as.number(queue.endedPerSecond, 1)];
  switch (queue.verdict) {
    case 'well':
      return queue.oldestMs === null ? t('sentence.wellEmpty') : t('sentence.well', { oldest });
    case 'idle':
      return t('sentence.idle');
    case 'paused':
      return t('sentence.paused', { by: queue.paused?.by ?? '', since: as.dateTime(Date.parse(queue.paused?.since ?? '')) });
    case 'behind': {
      const lost = queue.skips.find(({ reason }) => reason === 'overload')?.count ?? 0;
      return lost === 0
        ? t('sentence.behind', { oldest, arrived, ended })
        : t('sentence.behindLost', { oldest, arrived, ended, lost: as.number(lost) });
    }
    case 'failing': {
      const { done, partial, failed } = queue.ended;
      return t('sentence.failing', {
        failed: as.number(failed),
        total: as.number(done + partial + failed),
        code: queue.failures[0]?.code ?? '',
      });
    }
    case 'unattended':
      return t('sentence.unattended');
  }
}
