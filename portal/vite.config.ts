import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@operations': here('../graphql/operations') } },
  build: {
    target: 'es2023',
    // Small fonts and images would become data: URLs, which the CSP forbids.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: { fs: { allow: [here('.'), here('../graphql/operations')] } },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
