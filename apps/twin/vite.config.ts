import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where the head listens while we work on the page. */
const head = process.env.BRAMBLE_HEAD ?? "http://127.0.0.1:8880";

/**
 * The page: `vite build` writes dist/, which the head serves; `vite` serves it while working and hands /api on to the head,
 * which answers no page but its own: so Host and Origin are told as its own.
 */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  plugins: [react()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2023",
    cssTarget: ["chrome123", "safari17.5", "firefox121"],
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { "/api": { target: head, ws: true, changeOrigin: true, headers: { origin: head } } } },
});
