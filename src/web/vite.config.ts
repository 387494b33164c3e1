import { defineConfig } from "vite";

/** A running `npm start`; as its own page, so that it signs visitors in. */
const server = {
	target: "http://127.0.0.1:3000",
	changeOrigin: true,
	rewriteWsOrigin: true,
};

export default defineConfig({
	root: import.meta.dirname,
	build: {
		outDir: "../../dist/web",
		emptyOutDir: true,
		// The page's content security policy admits no data: addresses.
		assetsInlineLimit: 0,
		// CodeMirror with Markdown, which only the document page loads.
		chunkSizeWarningLimit: 650,
	},
	server: {
		proxy: { "/api": server, "/ws": { ...server, ws: true } },
	},
});
