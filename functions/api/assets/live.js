// Keeps a page as it stands. Without this script everything works, by the button that looks again.
"use strict";
(() => {
  const QUICK = 2000; // while somebody looks and things happen
  const CALM = 15000; // after ten minutes in which nothing happened
  const CALM_AFTER = 600000;
  const ANEW = 60000; // "4 min" grows old by itself
  const main = document.querySelector("main[data-live]");
  if (!main) return;
  let seen = main.dataset.seen;
  let drawn = Date.now();
  let changed = Date.now();
  let failures = 0;

  // Two that fail one after the other are no accident.
  function heard(isWell) {
    failures = isWell ? 0 : failures + 1;
    const stale = document.querySelector(".stale");
    if (stale) stale.hidden = failures < 2;
  }

  const isBusy = () => main.contains(document.activeElement) && /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);

  async function draw() {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (answer.redirected || answer.status === 410) return location.reload();
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("main[data-live]");
    if (!fresh || isBusy()) return;
    const opened = [...main.querySelectorAll("details[open] > summary")].map((one) => one.textContent);
    main.replaceChildren(...fresh.childNodes);
    for (const summary of main.querySelectorAll("details > summary")) {
      if (opened.includes(summary.textContent)) summary.parentElement.open = true;
    }
    document.title = page.title;
    seen = fresh.dataset.seen;
    drawn = Date.now();
  }

  async function look() {
    if (!document.hidden) {
      try {
        const answer = await fetch(main.dataset.live, { cache: "no-store" });
        if (answer.redirected) return location.reload();
        heard(answer.ok);
        const now = answer.ok ? await answer.text() : seen;
        if (now !== seen) changed = Date.now();
        if (now !== seen || Date.now() - drawn > ANEW) await draw();
      } catch {
        heard(false);
      }
    }
    setTimeout(look, Date.now() - changed > CALM_AFTER ? CALM : QUICK);
  }

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) changed = Date.now();
  });
  setTimeout(look, QUICK);
})();

if ("serviceWorker" in navigator && location.pathname.startsWith("/app")) navigator.serviceWorker.register("/service-worker.js", { scope: "/app" });
