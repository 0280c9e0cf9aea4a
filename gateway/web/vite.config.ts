// Build and dev server of the SPA. `--mode mock` answers the API from src/mocks, so that screens can be
// worked on (and looked at) without a backend; `vite` alone forwards /api to a running gateway.

import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import { tanstackRouter } from "@tanstack/router-plugin/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { mockApi } from "./tools/mock-api.ts";

const backend = process.env.MEDIANEST_DEV_BACKEND ?? "http://127.0.0.1:8484";

export default defineConfig(({ mode }) => ({
  base: "./",
  plugins: [
    tanstackRouter({
      target: "react",
      autoCodeSplitting: true,
      quoteStyle: "double",
      semicolons: true,
    }),
    react(),
    tailwindcss(),
    mode === "mock" ? mockApi() : null,
  ],
  resolve: { alias: { "~": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    reportCompressedSize: false,
  },
  worker: { format: "es" },
  server: {
    host: "127.0.0.1",
    proxy: mode === "mock" ? undefined : { "/api": { target: backend, changeOrigin: false } },
  },
  preview: { host: "127.0.0.1" },
  test: {
    environment: "happy-dom",
    environmentOptions: { happyDOM: { url: "http://medianest.test/" } },
    setupFiles: ["./src/mocks/vitest-setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    testTimeout: 15_000,
  },
}));
