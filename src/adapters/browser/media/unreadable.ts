import type { CodedError } from 'vedette/plugin';
import { browserError } from '../errors.js';

/** The bytes are not what their container has. */
export const unreadable = (what: string): CodedError =>
  browserError('VD_BROWSER_MEDIA_UNREADABLE', `What the page sends cannot be read: ${what}`);
