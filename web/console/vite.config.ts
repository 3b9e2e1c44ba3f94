import {fileURLToPath} from 'node:url';

import react from '@vitejs/plugin-react';
import {defineConfig} from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('.'),
  base: '/console/',
  publicDir: here('../public'),
  plugins: [react()],
  server: {
    // `npm run dev:console` beside a running process.
    proxy: {'/admin': process.env.TIDEMARK_URL ?? 'http://127.0.0.1:3000'},
  },
  build: {
    target: 'es2022',
    outDir: here('../dist-console'),
    emptyOutDir: true,
    assetsInlineLimit: 0, // no data: URLs, which the Content-Security-Policy forbids
    rollupOptions: {
      output: {
        // What every page needs; the graph and the charts come with the pages that draw them.
        manualChunks(id) {
          if (/node_modules\/(@mantine\/(core|hooks|store|notifications)|@floating-ui)\//.test(id)) return 'mantine';
          if (/node_modules\/(react|react-dom|scheduler|@tanstack)\//.test(id)) return 'framework';
          return undefined;
        },
      },
    },
  },
});
