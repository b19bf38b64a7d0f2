import { CodedError } from 'vedette/plugin';

/** The model file was opened but is not one this analyzer can feed or read. */
export const unfitModel = (message: string, fix: string): CodedError => new CodedError('VD_DETECTION_UNFIT_MODEL', message, fix);
