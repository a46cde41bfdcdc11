// What pages of the console do besides leading to each other. All of them work without it.
import "@tabler/core/dist/css/tabler.min.css";
import "./console.css";
import htmx from "htmx.org/dist/htmx.esm.js";
import "@tabler/core/dist/js/tabler.esm.js";
import { copyButtons } from "./copying.js";
import { confirmations } from "./confirmations.js";
import { searchBox } from "./searching.js";
import { themeToggles } from "./themes.js";
import { toasts } from "./toasts.js";

htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.allowScriptTags = false;
htmx.config.selfRequestsOnly = true;
htmx.config.historyCacheSize = 0;
htmx.config.scrollBehavior = "auto";

for (const begin of [copyButtons, confirmations, searchBox, themeToggles, toasts]) begin(document);
