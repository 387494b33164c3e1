import { defineConfig } from "vite";

/** The library as one browser module with all that it needs; the build prints its size. */
export default defineConfig({
	root: import.meta.dirname,
	build: {
		outDir: "../../dist/sdk",
		emptyOutDir: true,
		minify: true,
		lib: {
			entry: "client.ts",
			formats: ["es"],
			fileName: () => "prdtool-client.js",
		},
	},
});
