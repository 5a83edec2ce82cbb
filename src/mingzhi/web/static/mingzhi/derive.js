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
    picture.addEventListener("load", draw);
  }
  form.addEventListener("input", draw);
  const add = $("[data-more]");
  if (add) { add.hidden = false; add.addEventListener("click", () => { cell(more(), "x").focus(); }); }

  const show = (covered) => {
    const asked = new URLSearchParams(), at = $("[data-at]");
    if (at) asked.set("t", at.value);
    if (covered) for (const row of rows()) if (box(row)) for (const n of ["x", "y", "w", "h", "from", "to", "mode"]) asked.append(`box_${n}`, cell(row, n).value);
    picture.src = `${form.dataset.frame}?${asked}`;
    canvas.hidden = covered;
  };
  const go = $("[data-go]"), preview = $("[data-preview]");
  if (go) go.addEventListener("click", () => show(false));
  if (preview) preview.hidden = false;
  if (preview) preview.addEventListener("click", () => {
    const covered = preview.getAttribute("aria-pressed") !== "true";
    preview.setAttribute("aria-pressed", String(covered));
    show(covered);
  });
})();
