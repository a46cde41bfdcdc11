// Buttons that copy the value of a field: <button data-copy="id-of-the-field" data-copied="Copied">.
export function copyButtons(root) {
  root.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const field = root.getElementById(button.dataset.copy);
    field.select?.();
    try {
      await navigator.clipboard.writeText(field.value ?? field.textContent);
    } catch {
      return; // Not allowed here: the text is selected, and can be copied by hand.
    }
    const title = button.textContent;
    button.textContent = button.dataset.copied;
    setTimeout(() => (button.textContent = title), 2000);
  });
}
