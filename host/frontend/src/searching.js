// The search box on every page: `/` leads into it, Escape out of it, arrows through what it found.
export function searchBox(root) {
  const box = root.querySelector("[data-search-box]");
  if (!box) return;
  const field = box.querySelector("input");
  const hits = box.querySelector("[aria-live]");
  const links = () => [field, ...hits.querySelectorAll("a")];
  const close = () => hits.replaceChildren();
  root.addEventListener("keydown", (event) => {
    const writing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || writing) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      close();
      field.focus();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = links();
    all[(all.indexOf(root.activeElement) + step + all.length) % all.length].focus();
  });
  box.addEventListener("focusout", (event) => {
    if (!box.contains(event.relatedTarget)) setTimeout(close, 150);
  });
}
