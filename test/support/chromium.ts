import { type Browser, chromium } from "playwright-core";
import { findOnPath } from "./tools.ts";

const FLAGS = [
	"--headless",
	"--no-sandbox",
	"--disable-gpu",
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
];

/** This machine's Chromium, or undefined where none is installed. */
export const findChromium = (): string | undefined =>
	findOnPath("chromium") ?? findOnPath("chromium-browser");

export const launch = (executablePath: string): Promise<Browser> =>
	chromium.launch({ executablePath, headless: true, args: FLAGS });
