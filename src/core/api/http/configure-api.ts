import type { NestExpressApplication } from '@nestjs/platform-express';
import type { RequestHandler } from 'express';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { LiveWsAdapter } from '../live/ws-adapter.js';
import { WEB_ROOT, spa } from '../spa/spa.js';
import { HttpConnections } from './http-connections.js';
import { requestId } from './request-id.js';
import { TrustedProxies } from './trusted-proxies.js';
import { securityHeaders } from './security-headers.js';

/** Answers are kept by nobody unless their route says otherwise: they are for whoever asked, as of now. */
const notKept: RequestHandler = (_request, response, next) => {
  response.setHeader('Cache-Control', 'no-store');
  next();
};

const BODY_LIMIT = '256kb';

/**
 * Everything that must be set on the application before it listens. The application is made with `bodyParser: false`.
 * @example
 * const app = await NestFactory.create<NestExpressApplication>(ApiRoleModule, { bodyParser: false });
 * configureApi(app);
 * await app.listen(config.api.port, config.api.host);
 */
export function configureApi(app: NestExpressApplication): NestExpressApplication {
  const config = app.get<VedetteConfig>(VEDETTE_CONFIG);
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', 'simple');
  app.set('trust proxy', new TrustedProxies(config.api.trustProxy).isTrusted);
  app.use(requestId);
  app.use('/api', notKept);
  app.use(securityHeaders());
  app.useBodyParser('json', { limit: BODY_LIMIT, strict: true });
  app.use(spa(app.get<string>(WEB_ROOT)));
  app.useWebSocketAdapter(new LiveWsAdapter(app));
  app.get(HttpConnections).watch(app.getHttpServer());
  return app;
}
