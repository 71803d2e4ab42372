// A button beside everything that is meant to be copied. Without it, a click into the text selects all of it.
for (const text of document.querySelectorAll("[data-copy]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "second tight";
  button.textContent = text.dataset.copy;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text.textContent.trim());
    button.textContent = "✓";
    setTimeout(() => (button.textContent = text.dataset.copy), 2000);
  });
  text.after(button);
}
