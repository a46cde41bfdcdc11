// The button that changes between light and dark, and remembers it.
export function themeToggles(root) {
  const page = root.documentElement;
  const buttons = () => root.querySelectorAll("[data-theme-toggle]");
  const show = () =>
    buttons().forEach((button) =>
      button.setAttribute("aria-pressed", String(page.dataset.bsTheme === "dark")),
    );
  root.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    page.dataset.bsTheme = page.dataset.bsTheme === "dark" ? "light" : "dark";
    localStorage.setItem("meishi-theme", page.dataset.bsTheme);
    show();
  });
  show();
}
