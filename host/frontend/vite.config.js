// Builds what pages load into the Python package: hashed names, and a manifest that tells them.
import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  publicDir: false,
  build: {
    outDir: "../src/meishi/web/static",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    cssCodeSplit: false,
    // A font or picture inside of the style sheet would need a wider content security policy.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { main: "src/main.js", theme: "src/theme.js", graph: "src/graph.js" },
    },
  },
});
