import {createRequire} from 'node:module';
import {readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';

import react from '@vitejs/plugin-react';
import {defineConfig, type Plugin} from 'vitest/config';

// What the services' /docs pages load from the shop: Swagger UI, under a fixed name and without a network.
function swaggerUi(): Plugin {
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  return {
    name: 'swagger-ui',
    apply: 'build',
    generateBundle() {
      for (const file of ['swagger-ui-bundle.js', 'swagger-ui.css'])
        this.emitFile({type: 'asset', fileName: `docs/assets/${file}`, source: readFileSync(join(folder, file))});
    },
  };
}

export default defineConfig({
  plugins: [react(), swaggerUi()],
  server: {
    // `npm run dev` beside a running shop.
    proxy: {'/api': process.env.SHOP_URL ?? 'http://127.0.0.1:3000'},
  },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0, // no data: URLs, which the Content-Security-Policy forbids
    rollupOptions: {
      output: {
        manualChunks(id) {
          if (/node_modules\/(@mantine|@floating-ui)\//.test(id)) return 'mantine';
          if (id.includes('node_modules')) return 'vendor';
          return undefined;
        },
      },
    },
  },
  test: {include: ['src/**/*.test.ts', 'console/**/*.test.ts']},
});
