import { type CodedError } from 'vedette/plugin';
import { cloudError } from './errors.js';
import type { AnswerFacts } from './provider.js';

/**
 * What a status of HTTP means for us, where a provider's own code says nothing more.
 * @param words the provider's, already fit to be shown
 */
export function explainStatus(host: string, { status }: AnswerFacts, words: string): CodedError {
  const said = words === '' ? '' : `: ${words}`;
  if (status === undefined) return cloudError('VD_CLOUD_REQUEST_REFUSED', `the request to ${host} could not be made${said}`);
  const detail = `${host} answered ${status}${said}`;
  if (status < 300) return cloudError('VD_CLOUD_UNREADABLE', `${host} answered something that is no answer${said}`);
  if (status === 401 || status === 403) return cloudError('VD_CLOUD_CREDENTIALS', detail);
  if (status === 402 || status === 429) return cloudError('VD_CLOUD_QUOTA', detail);
  if (status === 408 || status >= 500) return cloudError('VD_CLOUD_SERVER', detail);
  if (status === 413 || status === 415) return cloudError('VD_CLOUD_PICTURE_REFUSED', detail);
  return cloudError('VD_CLOUD_REQUEST_REFUSED', detail);
}
