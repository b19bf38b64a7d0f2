import { CodedError } from 'vedette/plugin';

/** The model file was opened but is not one this analyzer can feed or read. */
export const unfitModel = (message: string, fix: string): CodedError => new CodedError('VD_DETECTION_UNFIT_MODEL', message, fix);

/** The model's outputs fit no known layout, or more than one. */
export const unknownLayout = (message: string, fix: string): CodedError => new CodedError('VD_DETECTION_UNKNOWN_LAYOUT', message, fix);

/** There are more or fewer class names than the model has classes. */
export const wrongNames = (message: string, fix: string): CodedError => new CodedError('VD_DETECTION_WRONG_NAMES', message, fix);

/** Classes are asked for that the model does not know: nothing would ever be reported. */
export const unknownClasses = (message: string, fix: string): CodedError => new CodedError('VD_DETECTION_UNKNOWN_CLASSES', message, fix);
