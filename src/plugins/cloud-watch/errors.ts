import { CodedError } from 'vedette/plugin';

/** The analyzer was to run where analyzers run. Core refuses that when the config is read; this is for who goes around it. */
export const noCode = (message: string): CodedError =>
  new CodedError('VD_CLOUD_WATCH_NO_CODE', message, 'Let it prefer cloud strategies and no other.');
