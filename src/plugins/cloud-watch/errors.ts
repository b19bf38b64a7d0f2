import { defineErrors } from 'vedette/plugin';

export const watchError = defineErrors({
  /** Core refuses that when the config is read; this is for whoever goes around it. */
  VD_CLOUD_WATCH_NO_CODE: {
    fix: 'Let it prefer cloud strategies and no other.',
  },
});
