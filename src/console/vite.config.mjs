import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  // Wherever a proxy puts the page, its files lie beside it.
  base: './',
  build: {
    outDir: '../../dist/console',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
