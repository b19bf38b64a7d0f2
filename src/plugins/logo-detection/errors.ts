import { CodedError } from 'vedette/plugin';

/** The network's files do not belong together. */
export const unfitNetwork = (output: string): CodedError =>
  new CodedError(
    'VD_LOGO_UNFIT_NETWORK',
    `the logo network gives no float32 output ${JSON.stringify(output)} of four dimensions`,
    'Use the models/logo-*.onnx files of this version of Vedette, or write them anew with scripts/build-logo-model.mjs.',
  );
