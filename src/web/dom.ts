type Attributes = Readonly<
	Record<string, string | boolean | ((event: Event) => void)>
>;

/** Makes an element: strings are attributes, `true` an empty one, functions listeners of the event they name. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
	tag: Tag,
	attributes: Attributes = {},
	...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes))
		if (typeof value === "function") element.addEventListener(name, value);
		else if (value !== false)
			element.setAttribute(name, value === true ? "" : value);
	element.append(...children);
	return element;
}

/** The product's mark, also the way home. */
export const brand = (isNamed = false): HTMLElement =>
	h(
		"a",
		{ class: "brand", href: "/", "aria-label": "prdtool, all documents" },
		h("img", { src: "/favicon.svg", alt: "", width: "28", height: "28" }),
		isNamed ? h("span", {}, "prdtool") : "",
	);

/** Puts a whole page in place of the one before. */
export function show(title: string, ...children: readonly Node[]): void {
	document.title = title;
	document.getElementById("page")?.replaceChildren(...children);
}
