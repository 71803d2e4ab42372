// Asks the app's own server every two seconds whether what this page shows still holds, and loads the page again when it does not: a
// button that is not the person's any more goes by itself. Without script it goes at the next reload.
"use strict";
(() => {
  const page = document.querySelector("[data-standing]");
  const ask = async () => {
    try {
      const answer = await fetch("/standing", { cache: "no-store" });
      if (answer.ok && (await answer.text()) !== page.dataset.standing) {
        location.reload();
        return;
      }
    } catch {
      // The app is away; the next question finds out.
    }
    setTimeout(ask, 2000);
  };
  if (page !== null) {
    setTimeout(ask, 2000);
  }
})();
