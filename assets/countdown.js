// Counts the time down that a page says something has to wait: every element with data-until (seconds since the epoch) shows what is left of
// it as hours, minutes and seconds, and at its end the page is loaded again. Without script the words of the server stand as they are.
"use strict";
(() => {
  const clocks = Array.from(document.querySelectorAll("[data-until]"));
  // The clock of the device may be wrong: only what passes from now on is taken from it.
  const began = performance.now();
  const two = (n) => String(n).padStart(2, "0");
  let timer;
  const tick = () => {
    const passed = (performance.now() - began) / 1000;
    for (const clock of clocks) {
      const left = Math.ceil(Number(clock.dataset.until) - Number(clock.dataset.now) - passed);
      if (left <= 0) {
        clearInterval(timer);
        location.reload();
        return;
      }
      clock.textContent = `${Math.floor(left / 3600)}:${two(Math.floor((left % 3600) / 60))}:${two(left % 60)}`;
    }
  };
  if (clocks.length > 0) {
    timer = setInterval(tick, 1000);
    tick();
  }
})();
