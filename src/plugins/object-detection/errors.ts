import { defineErrors, type CodedError } from 'vedette/plugin';

export const detectionError = defineErrors({
  VD_DETECTION_UNFIT_MODEL: {
    fix: 'Use a detection model that takes a picture and gives boxes and scores; the message says what this one does instead.',
  },
  VD_DETECTION_WRONG_SIZE: {
    fix: 'Set input: auto for object-detection, or a size that the model takes.',
  },
  VD_DETECTION_UNKNOWN_LAYOUT: {
    fix: 'Set layout for object-detection to the one that the model was exported with.',
  },
  VD_DETECTION_WRONG_NAMES: {
    fix: 'Give one class name per class of the model, in its order.',
  },
  VD_DETECTION_UNKNOWN_CLASSES: {
    fix: 'Name classes that the model knows; the message says which of them it does not.',
  },
});

// What mends these depends on what was found, so that each says its own fix.

/** The model file was opened but is not one this analyzer can feed or read. */
export const unfitModel = (message: string, fix: string): CodedError => detectionError('VD_DETECTION_UNFIT_MODEL', message, { fix });

/** The model does not take pictures of the size that the config gives. */
export const wrongSize = (message: string, fix: string, cause?: unknown): CodedError =>
  detectionError('VD_DETECTION_WRONG_SIZE', message, { fix, cause });

/** The model's outputs fit no known layout, or more than one. */
export const unknownLayout = (message: string, fix: string): CodedError => detectionError('VD_DETECTION_UNKNOWN_LAYOUT', message, { fix });

/** There are more or fewer class names than the model has classes. */
export const wrongNames = (message: string, fix: string): CodedError => detectionError('VD_DETECTION_WRONG_NAMES', message, { fix });

/** Classes are asked for that the model does not know: nothing would ever be reported. */
export const unknownClasses = (message: string, fix: string): CodedError =>
  detectionError('VD_DETECTION_UNKNOWN_CLASSES', message, { fix });
