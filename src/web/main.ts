import { documentIdIn } from "./document-name.ts";
import { showHome } from "./home-page.ts";
import { visitor } from "./visitor.ts";

if (location.pathname.startsWith("/d/")) {
	// The editor is the bulk of the page: it loads while the visitor says who he is, and not at all at home.
	const page = import("./document-page.ts");
	const who = await visitor();
	await (await page).showDocument(documentIdIn(location.pathname), who);
} else showHome();
