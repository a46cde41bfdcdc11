// Buttons that ask before their form is sent: <button data-confirm="Delete it?">.
export function confirmations(root) {
  root.addEventListener("submit", (event) => {
    const question = event.submitter?.dataset.confirm;
    if (question && !confirm(question)) event.preventDefault();
  });
}
