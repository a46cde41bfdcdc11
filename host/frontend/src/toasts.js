// Toasts go by themselves, those of a request without an answer come here.
const SHOWN = 6000;

export function toasts(root) {
  const place = root.getElementById("toasts");
  if (!place) return;
  const leave = (toast) => setTimeout(() => toast.remove(), SHOWN);
  place.querySelectorAll(".toast:not(.text-bg-danger)").forEach(leave);
  place.addEventListener("click", (event) =>
    event.target.closest("[data-close]")?.closest(".toast").remove(),
  );
  const fail = () => {
    const toast = root.getElementById("toast-failure").content.firstElementChild.cloneNode(true);
    place.append(toast);
    leave(toast);
  };
  root.addEventListener("htmx:sendError", fail);
  root.addEventListener("htmx:responseError", fail);
  root.addEventListener("htmx:timeout", fail);
}
