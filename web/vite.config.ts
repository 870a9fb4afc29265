import { defineConfig } from "vite";

/** Where `npm run dev` finds the product while the page itself comes from Vite. */
const SERVER = process.env.GALLEY_SERVER ?? "http://127.0.0.1:8000";
const ROUTES =
  /^\/(documents|analyze_section|analyze_document|chat|test_connection|task_status|task_events|tasks|cancel_task|retry_task|queue_stats|frameworks|conversations|keys|about|socket\.io)(\/|\?|$)/;

export default defineConfig({
  // Relative addresses, so that the page also works under a path of a reverse proxy.
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { proxy: { [ROUTES.source]: { target: SERVER, ws: true } } },
});
