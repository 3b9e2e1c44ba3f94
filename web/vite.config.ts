import {createRequire} from 'node:module';
import {readFileSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

import react from '@vitejs/plugin-react';
import {defineConfig, type Plugin} from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// What the services' /docs pages load, under fixed names and without a network: Swagger UI, and the page of events.
const EVENTS_PAGE = 'events';

function docsPages(): Plugin {
  const swaggerUi = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  return {
    name: 'docs-pages',
    apply: 'build',
    generateBundle() {
      const files = [join(swaggerUi, 'swagger-ui-bundle.js'), join(swaggerUi, 'swagger-ui.css'), here('docs/docs.css')];
      for (const file of files)
        this.emitFile({type: 'asset', fileName: `docs/assets/${basename(file)}`, source: readFileSync(file)});
    },
  };
}

export default defineConfig({
  plugins: [react(), docsPages()],
  server: {
    // `npm run dev` beside a running shop.
    proxy: {'/api': process.env.SHOP_URL ?? 'http://127.0.0.1:3000'},
  },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0, // no data: URLs, which the Content-Security-Policy forbids
    rollupOptions: {
      input: {index: here('index.html'), [EVENTS_PAGE]: here('docs/events.ts')},
      output: {
        entryFileNames: ({name}) => (name === EVENTS_PAGE ? 'docs/assets/[name].js' : 'assets/[name]-[hash].js'),
        manualChunks(id) {
          if (/node_modules\/(@mantine|@floating-ui)\//.test(id)) return 'mantine';
          if (id.includes('node_modules')) return 'vendor';
          return undefined;
        },
      },
    },
  },
  test: {include: ['src/**/*.test.ts', 'docs/**/*.test.ts', 'console/**/*.test.ts']},
});
