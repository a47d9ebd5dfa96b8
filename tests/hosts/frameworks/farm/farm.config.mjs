import { defineConfig } from "@farmfe/core";

export default defineConfig({
  compilation: { input: { index: "./index.html" }, lazyCompilation: false },
});
