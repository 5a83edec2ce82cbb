/* Boxes drawn on a picture are numbers in the form, and the numbers are boxes on the picture.
   Without this file the numbers are typed, and what was made is looked at afterwards. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-derive]");
  if (!form) return;
  const $ = (selector, root = form) => root.querySelector(selector);
  const rows = () => [...form.querySelectorAll("[data-row]")];
  const stage = $("[data-stage]"), picture = $("[data-picture]"), canvas = $("[data-canvas]");
  const width = Number(form.dataset.width), height = Number(form.dataset.height);
  const cell = (row, name) => $(`[name="box_${name}"]`, row);
  const box = (row) => {
    const [x, y, w, h] = ["x", "y", "w", "h"].map((n) => cell(row, n).value.trim());
    return [x, y, w, h].every((v) => /^\d+$/.test(v)) ? [x, y, w, h].map(Number) : null;
  };
  let drawn = null;

  const draw = () => {
    if (!canvas) return;
    const seen = canvas.getBoundingClientRect(), scale = seen.width / width, ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(seen.width * ratio); canvas.height = Math.round(seen.height * ratio);
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio); pen.lineWidth = 2; pen.font = "13px sans-serif";
    const one = ([x, y, w, h], label) => {
      pen.fillStyle = "rgba(0, 0, 0, .55)"; pen.strokeStyle = "#fff";
      pen.fillRect(x * scale, y * scale, w * scale, h * scale);
      pen.strokeRect(x * scale, y * scale, w * scale, h * scale);
      pen.fillStyle = "#fff"; pen.fillText(label, x * scale + 4, y * scale + 15);
    };
    rows().forEach((row, n) => { const found = box(row); if (found) one(found, String(n + 1)); });
    if (drawn) one(drawn, "");
  };

  const more = () => {
    const last = rows().at(-1), made = last.cloneNode(true);
    made.querySelectorAll("input").forEach((i) => { i.value = ""; });
    last.after(made);
    rows().forEach((row, n) => { $("[data-n]", row).textContent = n + 1; });
    return made;
  };
  const free = () => rows().find((row) => ["x", "y", "w", "h"].every((n) => !cell(row, n).value.trim())) || more();

  const point = (event) => {
    const seen = canvas.getBoundingClientRect(), scale = width / seen.width;
    return [Math.min(width, Math.max(0, Math.round((event.clientX - seen.left) * scale))), Math.min(height, Math.max(0, Math.round((event.clientY - seen.top) * scale)))];
  };
  let from = null;
  const span = ([ax, ay], [bx, by]) => [Math.min(ax, bx), Math.min(ay, by), Math.abs(ax - bx), Math.abs(ay - by)];
  if (canvas) {
    canvas.addEventListener("pointerdown", (event) => { from = point(event); canvas.setPointerCapture(event.pointerId); event.preventDefault(); });
    canvas.addEventListener("pointermove", (event) => { if (from) { drawn = span(from, point(event)); draw(); } });
    canvas.addEventListener("pointerup", (event) => {
      if (!from) return;
      const made = span(from, point(event));
      from = drawn = null;
      if (made[2] > 2 && made[3] > 2) { const row = free(); ["x", "y", "w", "h"].forEach((n, i) => { cell(row, n).value = made[i]; }); }
      draw();
    });
    new ResizeObserver(draw).observe(stage);
  }
  /* The arrows move an edge by a pixel, with Shift by ten; a line can be emptied at once. */
  form.addEventListener("keydown", (event) => {
    const step = { ArrowUp: 1, ArrowDown: -1 }[event.key], asked = event.target;
    if (!step || !/^box_[xywh]$/.test(asked.name || "")) return;
    event.preventDefault();
    asked.value = Math.max(0, (Number(asked.value) || 0) + step * (event.shiftKey ? 10 : 1));
    asked.dispatchEvent(new Event("input", { bubbles: true }));
  });
  form.querySelectorAll("[data-clear]").forEach((button) => { button.hidden = false; });
  form.addEventListener("click", (event) => {
    const row = event.target.closest("[data-clear]")?.closest("[data-row]");
    if (!row) return;
    row.querySelectorAll("input").forEach((i) => { i.value = ""; });
    cell(row, "x").focus();
    changed();
  });
  const add = $("[data-more]");
  if (add) { add.hidden = false; add.addEventListener("click", () => { cell(more(), "x").focus(); }); }

  const preview = $("[data-preview]"), said = $("[data-said]"), go = $("[data-go]");
  const covered = () => preview?.getAttribute("aria-pressed") === "true";
  const show = () => {
    const asked = new URLSearchParams(), at = $("[data-at]");
    if (at) asked.set("t", at.value);
    if (covered()) for (const row of rows()) if (box(row)) for (const n of ["x", "y", "w", "h", "from", "to", "mode"]) asked.append(`box_${n}`, cell(row, n).value);
    said.textContent = said.dataset.waiting;
    picture.src = `${form.dataset.frame}?${asked}`;
    canvas.hidden = covered();
  };
  let later = 0;
  const changed = () => {
    draw();
    if (covered()) { clearTimeout(later); later = setTimeout(show, 400); }
  };
  form.addEventListener("input", changed);
  if (!picture) return;
  picture.addEventListener("load", () => { said.textContent = covered() ? said.dataset.covered : ""; draw(); });
  picture.addEventListener("error", () => { said.textContent = said.dataset.failed; });
  go?.addEventListener("click", show);
  preview.hidden = false;
  preview.addEventListener("click", () => { preview.setAttribute("aria-pressed", String(!covered())); show(); });
})();
