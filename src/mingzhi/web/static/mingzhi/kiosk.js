// The touch-screen of a hall: back to the start after a minute without a touch, told beforehand, and no way out.
"use strict";
(() => {
  const start = document.body.dataset.start;
  const idle = document.querySelector(".kiosk-idle");
  const left = idle.querySelector("[data-left]");
  const away = document.querySelector(".kiosk-away");
  const REST = 60, WARN = 20, AGAIN = 15;
  let quiet = 0, leaving = false;

  // Whoever comes next finds the start, in Chinese. Without the server the screen says so and tries again.
  const leave = async () => {
    leaving = true;
    try {
      const answer = await fetch(start, { method: "HEAD", cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      location.replace(`${start}?fresh=1`);
    } catch {
      away.hidden = false;
      setTimeout(leave, AGAIN * 1000);
    }
  };
  // A page that cannot come is not gone to: its error page would not be one of this screen.
  const go = async (to) => {
    try {
      const answer = await fetch(to, { method: "HEAD", cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      location.assign(to);
    } catch {
      leave();
    }
  };
  const touched = () => {
    quiet = 0;
    if (!leaving) idle.hidden = true;
  };
  for (const act of ["pointerdown", "touchstart", "keydown", "wheel"]) addEventListener(act, touched, { passive: true });
  addEventListener("scroll", touched, { passive: true });

  const atStart = location.pathname === start && scrollY === 0;
  setInterval(() => {
    if (leaving) return;
    quiet += 1;
    const rest = REST - quiet;
    if (rest <= WARN && !(atStart && scrollY === 0)) {
      idle.hidden = false;
      left.textContent = String(Math.max(rest, 0));
    }
    if (rest <= 0) leave();
  }, 1000);

  addEventListener("contextmenu", (event) => event.preventDefault());
  addEventListener("dragstart", (event) => event.preventDefault());
  addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link) return;
    event.preventDefault();
    if (link.origin === location.origin && link.pathname.startsWith(start)) go(link.href);
  }, true);
})();
