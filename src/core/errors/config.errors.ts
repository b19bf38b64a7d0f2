import { errorTable, errorFactory } from './errors.js';

/** What can be wrong with `vedette.config.yaml` and the environment; all of it found before anything starts. */
export const configErrors = errorTable({
  VD_CONFIG_FILE_UNREADABLE: {
    title: 'The config file cannot be read',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Correct the file, or point VEDETTE_CONFIG at another of at most 1 MB. To run on the defaults, write {} into it.',
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
    title: 'A secret file cannot be used',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Let the variable that ends in _FILE, or the key file: in the config, name a readable, non-empty text file of at most 64 kB.',
  },
  VD_CONFIG_SECRET_MISSING: {
    title: 'A secret that the config names is not in the environment',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Set the variable for the process that needs it, or let the config name a file: { file: secrets/key }.',
  },
});

export const configError = errorFactory(configErrors);
