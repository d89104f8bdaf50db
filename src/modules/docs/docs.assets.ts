import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const assets = join(import.meta.dirname, 'assets');
// Swagger UI is a dependency of @nestjs/swagger, so it is looked up from there.
const fromSwagger = createRequire(createRequire(import.meta.url).resolve('@nestjs/swagger'));
const swaggerUi = dirname(fromSwagger.resolve('swagger-ui-dist/package.json'));

/** The files under /docs/assets by name. All are on this disk, as the pages load nothing from elsewhere. */
export const assetPaths: ReadonlyMap<string, string> = new Map([
  ['page.css', join(assets, 'page.css')],
  ['swagger-init.js', join(assets, 'swagger-init.js')],
  ['swagger-ui.css', join(swaggerUi, 'swagger-ui.css')],
  ['swagger-ui-bundle.js', join(swaggerUi, 'swagger-ui-bundle.js')],
  ['favicon-32x32.png', join(swaggerUi, 'favicon-32x32.png')],
]);

export const swaggerUiPage = readFileSync(join(assets, 'swagger-ui.html'), 'utf8');
export const redocPage = readFileSync(join(assets, 'redoc.html'), 'utf8');

let redoc: string | undefined;

/** The ReDoc bundle that the build has copied here, without the logo that it would fetch from its maker's host. */
export function redocScript(): string {
  return (redoc ??= readFileSync(join(assets, 'redoc/bundles/redoc.standalone.js'), 'utf8').replace(
    'https://cdn.redoc.ly/redoc/logo-mini.svg',
    '',
  ));
}
