import type { Page } from "playwright-core";
import type { Window } from "./window.ts";

export interface Looks {
	/** What reaches over the window's sides, as text. */
	readonly outside: readonly string[];
	readonly language: string;
	readonly headings: number;
	/** Texts whose contrast is below 4.5:1 (large ones 3:1), with the contrast that they have. */
	readonly faint: readonly string[];
	/** Roles of what can be used but has no name, as a screen reader is told. */
	readonly unnamed: readonly string[];
}

export const GOOD: Looks = {
	outside: [],
	language: "en",
	headings: 1,
	faint: [],
	unnamed: [],
};

/** What is measurable about how a page looks and reads. */
export async function looksOf({ page }: Window): Promise<Looks> {
	const measured = await page.evaluate(() => ({
		outside: [...document.querySelectorAll("body *")]
			.filter((element) => {
				const { left, right } = element.getBoundingClientRect();
				return left < -0.5 || right > innerWidth + 0.5;
			})
			.map((element) => element.textContent ?? ""),
		language: document.documentElement.lang,
		headings: document.querySelectorAll("h1").length,
	}));
	return {
		...measured,
		faint: await page.evaluate(faintTexts),
		unnamed: await unnamedRoles(page),
	};
}

const USABLE = new Set([
	"button",
	"checkbox",
	"combobox",
	"dialog",
	"link",
	"textbox",
]);

async function unnamedRoles(page: Page): Promise<string[]> {
	const session = await page.context().newCDPSession(page);
	const { nodes } = await session.send("Accessibility.getFullAXTree");
	await session.detach();
	return nodes.flatMap(({ ignored, role, name }) => {
		const kind = String(role?.value);
		const isNamed = String(name?.value ?? "").trim() !== "";
		return ignored || isNamed || !USABLE.has(kind) ? [] : [kind];
	});
}

/** Runs in the page. */
function faintTexts(): string[] {
	type Color = readonly [
		red: number,
		green: number,
		blue: number,
		alpha: number,
	];
	const canvas = new OffscreenCanvas(1, 1).getContext("2d", {
		willReadFrequently: true,
	}) as OffscreenCanvasRenderingContext2D;
	const colorOf = (css: string): Color => {
		canvas.clearRect(0, 0, 1, 1);
		canvas.fillStyle = css;
		canvas.fillRect(0, 0, 1, 1);
		const [red = 0, green = 0, blue = 0, alpha = 0] = canvas.getImageData(
			0,
			0,
			1,
			1,
		).data;
		return [red, green, blue, alpha / 255];
	};
	const over = (above: Color, below: Color): Color => {
		const mix = (nth: 0 | 1 | 2) =>
			above[nth] * above[3] + below[nth] * (1 - above[3]);
		return [mix(0), mix(1), mix(2), 1];
	};
	const groundOf = (element: Element | null): Color => {
		if (element === null) return colorOf("white");
		const own = colorOf(getComputedStyle(element).backgroundColor);
		return own[3] === 1 ? own : over(own, groundOf(element.parentElement));
	};
	const light = ([red, green, blue]: Color): number => {
		const [r = 0, g = 0, b = 0] = [red, green, blue].map((value) => {
			const share = value / 255;
			return share <= 0.03928
				? share / 12.92
				: ((share + 0.055) / 1.055) ** 2.4;
		});
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const isHidden = (element: Element): boolean =>
		element.closest(".unseen, :disabled, [hidden], script, style, noscript") !==
			null ||
		!element.checkVisibility({ opacityProperty: true }) ||
		// On its way in or out.
		element.getAnimations().length > 0;
	const judge = (element: Element, text: string, pseudo?: string): string[] => {
		if (text.trim() === "" || isHidden(element)) return [];
		const style = getComputedStyle(element, pseudo);
		const ground = groundOf(element);
		const lights = [light(over(colorOf(style.color), ground)), light(ground)];
		const contrast =
			(Math.max(...lights) + 0.05) / (Math.min(...lights) + 0.05);
		const size = Number.parseFloat(style.fontSize);
		const isLarge =
			size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
		return contrast >= (isLarge ? 3 : 4.5)
			? []
			: [`${text.trim().slice(0, 40)}: ${contrast.toFixed(2)}`];
	};
	const found: string[] = [];
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walker.nextNode()) {
		const { parentElement, textContent } = walker.currentNode;
		if (parentElement) found.push(...judge(parentElement, textContent ?? ""));
	}
	for (const input of document.querySelectorAll("input"))
		if (input.value === "")
			found.push(...judge(input, input.placeholder, "::placeholder"));
	return found;
}
