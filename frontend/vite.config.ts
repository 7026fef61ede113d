import { lingui } from '@lingui/vite-plugin';
import optimizeLocales from '@react-aria/optimize-locales-plugin';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { linguiMacros } from './build/lingui-macros.ts';

// `npm run dev` talks to a running `make up`.
const api = process.env.ARTEL_API ?? 'http://localhost:8000';

export default defineConfig({
  plugins: [
    linguiMacros(),
    react(),
    lingui({ failOnMissing: true, failOnCompileError: true }),
    tailwindcss(),
    // react-aria carries its own words in 34 languages; the page speaks two.
    { ...optimizeLocales.vite({ locales: ['en-US', 'ru-RU'] }), apply: 'build' },
  ],
  build: {
    target: 'es2023',
    sourcemap: true,
    // The content security policy allows neither data: fonts nor inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/v1': { target: api, changeOrigin: false } } },
});
