import { errorTable, errorFactory } from './errors.js';

/** What can be wrong with a plugin or the config for it; found when a role starts. */
export const pluginErrors = errorTable({
  VD_PLUGIN_NOT_FOUND: {
    title: 'A plugin cannot be found',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Install the package beside the config file, or correct `use`: `vedette/<name>`, a package name, or a path that begins with ./',
  },
  VD_PLUGIN_LOAD_FAILED: {
    title: 'A plugin failed while it was loaded',
    httpStatus: 500,
    retryable: false,
    audience: 'developer',
    fix: 'Correct in the plugin what the cause names, or set `optional: true` on its entry so that the rest runs without it.',
  },
  VD_PLUGIN_LOAD_TIMEOUT: {
    title: 'A plugin did not finish loading',
    httpStatus: 500,
    retryable: false,
    audience: 'developer',
    fix: 'Do no waiting at the top level of the plugin or in its providers; connect on first use instead.',
  },
  VD_PLUGIN_EXIT: {
    title: 'A plugin wanted to end the process of its role',
    httpStatus: 500,
    retryable: false,
    audience: 'developer',
    fix: 'Throw an error in the plugin instead of calling process.exit; the log has the stack.',
  },
  VD_PLUGIN_CRASHED: {
    title: 'A plugin threw where nobody can catch it',
    httpStatus: 500,
    retryable: true,
    audience: 'developer',
    fix:
      'Catch the error in the plugin: a timer, an event handler and a promise that nobody awaits end the role. Vedette starts the ' +
      'role again; disable the plugin if the role keeps ending.',
  },
  VD_PLUGIN_INVALID: {
    title: 'A module is not a valid plugin',
    httpStatus: 500,
    retryable: false,
    audience: 'developer',
    fix: 'Make the default export with definePlugin() of vedette/plugin and correct the field named above.',
  },
  VD_PLUGIN_API_MISMATCH: {
    title: 'A plugin was written for another version of the plugin API',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Install a version of the plugin whose `api` range includes the version named above, or another version of Vedette.',
  },
  VD_PLUGIN_DUPLICATE_ID: {
    title: 'Two contributions have the same id',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Remove one of the two entries from plugins.',
  },
  VD_PLUGIN_UNKNOWN_CONTRIBUTION: {
    title: 'The config names something its plugin does not have',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Correct the id to one of those named above.',
  },
  VD_PLUGIN_CONFIG_INVALID: {
    title: "A plugin's config is not acceptable",
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: "Correct the key named above; the plugin's documentation lists its options.",
  },
  VD_PLUGIN_QUEUE_INVALID: {
    title: 'An analyzer names an invalid queue',
    httpStatus: 500,
    retryable: false,
    audience: 'developer',
    fix: 'Name a queue with 1 to 63 of a-z, 0-9 and _, beginning with a letter and not with `vedette_`.',
  },
  VD_PLUGIN_STRATEGY_UNKNOWN: {
    title: 'An analyzer prefers an execution strategy that is not loaded',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Name one of the loaded strategies in execution.prefer, or add the plugin that brings it.',
  },
  VD_PLUGIN_STRATEGY_UNFIT: {
    title: 'An analyzer is to run on a strategy that cannot run it',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: "Take that strategy out of the analyzer's execution, or change what the message names.",
  },
  VD_PLUGIN_GATE_UNKNOWN: {
    title: 'An analyzer waits for a gate that does not exist',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Set `when` to one of the gates named above, enable the analyzer that is the gate, or remove `when`. Sound cannot be gated.',
  },
  VD_PLUGIN_SETTINGS_INVALID: {
    title: 'The settings of the plugin are not acceptable',
    httpStatus: 400,
    retryable: false,
    audience: 'user',
    fix: 'Correct the fields listed in `errors`; nothing was changed.',
  },
  VD_PLUGIN_SETTINGS_LOCKED: {
    title: 'The config file or the environment sets that already',
    httpStatus: 409,
    retryable: false,
    audience: 'user',
    fix: 'Change it where the message says, or take it out there; then it can be set here. Secrets are only ever set there.',
  },
  VD_PLUGIN_SETTINGS_CHANGED: {
    title: 'Somebody else changed the plugin meanwhile',
    httpStatus: 409,
    retryable: false,
    audience: 'user',
    fix: 'Look at what was changed, and make your change again.',
  },
  VD_PLUGIN_NOT_INSTANTIATED: {
    title: 'A contribution was asked for where it does not run',
    httpStatus: 500,
    retryable: false,
    audience: 'developer',
    fix: 'Ask for loaded and enabled contributions only, in a role that makes instances of that kind.',
  },
});

export const pluginError = errorFactory(pluginErrors);
