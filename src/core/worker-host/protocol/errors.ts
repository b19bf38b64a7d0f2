import { defineErrors } from '../../plugin-api/index.js';

/** What a worker host says, and what both ends say of each other; `detail` says what happened where. */
export const workerHostError = defineErrors({
  VD_REMOTE_LOST: {
    fix:
      'Nothing to do: Vedette tries the segment again, on another host if there is one. If it happens often, look at the ' +
      'network and at the log of the host.',
    retryable: true,
  },
  VD_REMOTE_BUSY: {
    fix: 'Add a worker host, or let the analyzers prefer another strategy as well: execution.prefer: [remote-lan, local].',
    retryable: true,
  },
  VD_REMOTE_TOKEN_WRONG: {
    fix: 'Give worker and worker host the same token.',
    retryable: false,
  },
  VD_REMOTE_PROTOCOL: {
    fix: 'Run the same version of Vedette on both machines.',
    retryable: false,
  },
  VD_REMOTE_TOKEN_SHORT: {
    fix: 'Leave the token out, and the worker host makes one; give its file to the workers.',
    retryable: false,
  },
  VD_REMOTE_TOKEN_UNREADABLE: {
    fix:
      'Let --token-file name a text file of at most 64 kB that can be read, or one that is not there yet in a folder that can ' +
      'be written to.',
    retryable: false,
  },
  VD_REMOTE_CERTIFICATE: {
    fix:
      'Let workerHost.certFile and workerHost.keyFile name readable PEM files that belong together; or leave both out, and the host ' +
      'makes its own.',
    retryable: false,
  },
  VD_REMOTE_LISTEN: {
    fix: 'Set another address or port: `--listen 0.0.0.0:7443`, or workerHost.listen.',
    retryable: true,
  },
  VD_REMOTE_REFUSED: {
    fix: 'Look at what the message says; worker and worker host must be of the same version of Vedette.',
    retryable: true,
  },
  VD_REMOTE_DISCOVERY: {
    fix:
      'Announcing and finding hosts needs UDP port 5353 and multicast. Name the hosts by their addresses instead: ' +
      'strategies.remote-lan.hosts.',
    retryable: true,
  },
});
