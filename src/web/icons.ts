const SVG = "http://www.w3.org/2000/svg";

/** Lines on a grid of 20; drawn in the colour of the text. */
const PATHS = {
	download: "M10 3v9m-3.5-3.5L10 12l3.5-3.5M4 16.5h12",
	share:
		"M7.5 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6Zm-5.5 7a5.5 5.5 0 0 1 11 0M15 6.5v5m-2.5-2.5h5",
	close: "M5 5l10 10M15 5 5 15",
	link: "M8.5 11.5a3 3 0 0 0 4.2 0l3-3a3 3 0 0 0-4.2-4.2l-.9.9m.9 3.3a3 3 0 0 0-4.2 0l-3 3a3 3 0 0 0 4.2 4.2l.9-.9",
	document:
		"M6 2.75h5.5L15.25 6.5v10.75H6Zm5.5 0V6.5h3.75M8.5 10h4.5M8.5 13h4.5",
} as const;

export function icon(name: keyof typeof PATHS): SVGSVGElement {
	const svg = document.createElementNS(SVG, "svg");
	svg.setAttribute("viewBox", "0 0 20 20");
	svg.setAttribute("aria-hidden", "true");
	svg.classList.add("icon");
	const path = document.createElementNS(SVG, "path");
	path.setAttribute("d", PATHS[name]);
	svg.append(path);
	return svg;
}
