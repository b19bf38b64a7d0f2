import { defineErrors } from 'vedette/plugin';

export const logoError = defineErrors({
  VD_LOGO_UNFIT_NETWORK: {
    fix: 'Use the models/logo-*.onnx files of this version of Vedette, or write them anew with scripts/build-logo-model.mjs.',
  },
});
