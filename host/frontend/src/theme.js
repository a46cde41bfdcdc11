// Light or dark, before anything is shown: what was chosen here, else what the system prefers.
const chosen = localStorage.getItem("meishi-theme");
const dark = matchMedia("(prefers-color-scheme: dark)").matches;
document.documentElement.dataset.bsTheme = chosen ?? (dark ? "dark" : "light");
document.documentElement.classList.add("has-scripts");
