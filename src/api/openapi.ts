/** The OpenAPI 3.1 document at `/api/v1/openapi.json`: made from the same table that made the routes. */
import type { App } from './route.ts';

export const apiVersion = '1.0.0';

export const openApi = (app: App) =>
  app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Custos',
      version: apiVersion,
      description:
        'Custody of recordings and documents. Every refusal is RFC 9457 problem+json with a stable `code`; unsafe methods take an Idempotency-Key.',
      license: { name: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
  });

export function openApiDocument(app: App): void {
  app.get('/api/v1/openapi.json', (c) => c.json(openApi(app)));
}
