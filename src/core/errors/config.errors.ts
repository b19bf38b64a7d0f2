import { defineErrors, errorFactory } from './errors.js';

/** What can be wrong with `vedette.config.yaml` and the environment; all of it found before anything starts. */
export const configErrors = defineErrors({
  VD_CONFIG_FILE_UNREADABLE: {
    title: 'The config file cannot be read',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Point VEDETTE_CONFIG at a readable file of at most 1 MB, or unset it to run on the defaults.',
  },
  VD_CONFIG_SYNTAX: {
    title: 'The config file is not valid YAML',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Mend the line named above; docs/reference/config.md shows the whole file.',
  },
  VD_CONFIG_INVALID: {
    title: 'A config value is not acceptable',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Set the key named above to what is expected; docs/reference/config.md lists every key.',
  },
  VD_CONFIG_UNKNOWN_KEY: {
    title: 'A config key does not exist',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Remove the key or correct its spelling; docs/reference/config.md lists every key.',
  },
  VD_CONFIG_SECRET_FILE: {
    title: 'A secret file named by the environment cannot be used',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Let the variable that ends in _FILE name a readable, non-empty text file of at most 64 kB.',
  },
});

export const configError = errorFactory(configErrors);
