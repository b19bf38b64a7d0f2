import { defineErrors, errorFactory } from './errors.js';

/** What can be wrong with a model file. */
export const modelErrors = defineErrors({
  VD_MODEL_NOT_FOUND: {
    title: 'The model file does not exist',
    httpStatus: 422,
    retryable: false,
    audience: 'operator',
    fix: 'Copy the .onnx file into the models folder of the data folder, or correct the path in the config.',
  },
  VD_MODEL_OUTSIDE: {
    title: 'The model file lies outside the model folders',
    httpStatus: 422,
    retryable: false,
    audience: 'operator',
    fix: 'Copy the file itself (no link) into the models folder of the data folder.',
  },
  VD_MODEL_TOO_LARGE: {
    title: 'The model file is too large',
    httpStatus: 422,
    retryable: false,
    audience: 'operator',
    fix: 'Use a smaller or quantised model.',
  },
  VD_MODEL_CHECKSUM: {
    title: 'The model file has another checksum than the config names',
    httpStatus: 422,
    retryable: false,
    audience: 'operator',
    fix: 'Fetch the model again, or correct sha256 in the config.',
  },
  VD_MODEL_NOT_ONNX: {
    title: 'The file is not an ONNX model',
    httpStatus: 422,
    retryable: false,
    audience: 'operator',
    fix: 'Export the model to ONNX (opset 21 or older); .pt, .tflite and .engine files do not work.',
  },
  VD_MODEL_NOT_TEXT: {
    title: 'The file with the class names is not text',
    httpStatus: 422,
    retryable: false,
    audience: 'operator',
    fix: 'Save it as UTF-8, one class name per line.',
  },
  VD_MODEL_EXTERNAL_DATA: {
    title: 'The model keeps weights in other files',
    httpStatus: 422,
    retryable: false,
    audience: 'operator',
    fix: 'Save the model with its weights inside (onnx.save_model with save_as_external_data=False).',
  },
  VD_MODEL_LOAD_FAILED: {
    title: 'The model cannot be loaded',
    httpStatus: 422,
    retryable: false,
    audience: 'operator',
    fix: 'Export the model again with standard operators and opset 21 or older.',
  },
  VD_MODEL_RUN_FAILED: {
    title: 'The model failed on its input',
    httpStatus: 500,
    retryable: false,
    audience: 'developer',
    fix: "Compare the names, types and shapes in the message with the model's inputs.",
  },
});

export const modelError = errorFactory(modelErrors);
