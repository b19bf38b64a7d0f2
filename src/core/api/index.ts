/** What the composition root and the command line use of the API. */
export { AdminBootstrap } from './auth/admin-bootstrap.js';
export { ApiModule } from './api.module.js';
export { apiControllers } from './controllers.js';
export { configureApi } from './http/configure-api.js';
export { QueueFiguresSource } from '../queue/queue-figures-source.js';
export { buildOpenApi } from './openapi/build-openapi.js';
