/* The player: notes lead to their moment, the present moment goes into the form, the waveform seeks.
   Without this file the player plays and a moment is typed. */
(() => {
  "use strict";
  const start = () => {
    const player = document.getElementById("player");
    if (!player) return;
    const field = document.querySelector("[data-position]"), now = document.querySelector("[data-now]");
    const clock = (seconds) => {
      const whole = Math.floor(seconds), h = Math.floor(whole / 3600), m = Math.floor(whole / 60) % 60, s = String(whole % 60).padStart(2, "0");
      return h ? `${h}:${String(m).padStart(2, "0")}:${s}` : `${m}:${s}`;
    };
    const seek = (seconds) => { player.currentTime = seconds; player.focus(); };
    document.querySelectorAll("[data-seek]").forEach((button) => button.addEventListener("click", () => seek(Number(button.dataset.seek) / 1000)));
    if (now && field) {
      now.hidden = false;
      now.addEventListener("click", () => { field.value = clock(player.currentTime); field.focus(); });
    }
    const wave = document.querySelector("[data-wave]");
    if (!wave) return;
    const length = () => (Number.isFinite(player.duration) && player.duration) || Number(wave.dataset.length) || 0;
    const place = () => { if (length()) wave.querySelectorAll(".pin").forEach((pin) => { pin.style.left = `${Math.min(100, Number(pin.dataset.at) / 10 / length())}%`; }); };
    wave.addEventListener("click", (event) => { const box = wave.getBoundingClientRect(); if (length()) seek(length() * (event.clientX - box.left) / box.width); });
    player.addEventListener("loadedmetadata", place); place();
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();
})();
