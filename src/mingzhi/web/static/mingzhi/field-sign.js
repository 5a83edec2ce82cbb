/* Signatures on the glass: the picture, and inside it the strokes with their times and the hash of the
   text that was signed, as an iTXt chunk, so that one file carries both. */
(() => {
  "use strict";
  const F = window.field;
  const TABLE = Uint32Array.from({ length: 256 }, (_, n) => { for (let k = 0; k < 8; k++) n = n & 1 ? n >>> 1 ^ 0xedb88320 : n >>> 1; return n; });
  const crc = (bytes) => { let c = ~0; for (const b of bytes) c = TABLE[(c ^ b) & 255] ^ c >>> 8; return ~c >>> 0; };
  const chunk = (name, data) => {
    const body = new Uint8Array([...F.utf8(name), ...data]), out = new Uint8Array(body.length + 8), view = new DataView(out.buffer);
    view.setUint32(0, data.length); out.set(body, 4); view.setUint32(out.length - 4, crc(body));
    return out;
  };
  const withText = (png, keyword, text) => {
    const cut = png.length - 12; // IEND is the last twelve bytes
    const added = chunk("iTXt", new Uint8Array([...F.utf8(keyword), 0, 0, 0, 0, 0, ...F.utf8(text)]));
    const out = new Uint8Array(png.length + added.length);
    out.set(png.subarray(0, cut)); out.set(added, cut); out.set(png.subarray(cut), cut + added.length);
    return out;
  };

  F.Pad = class {
    constructor(canvas) {
      this.canvas = canvas; this.pen = canvas.getContext("2d");
      canvas.addEventListener("pointerdown", (event) => { event.preventDefault(); canvas.setPointerCapture(event.pointerId); this.strokes.push([]); this.mark(event); });
      canvas.addEventListener("pointermove", (event) => { if (event.buttons && this.strokes.length) (event.getCoalescedEvents?.() || [event]).forEach((e) => this.mark(e)); });
      this.clear();
    }
    clear() {
      const box = this.canvas.getBoundingClientRect();
      this.canvas.width = Math.max(300, Math.round(box.width)) * 2; this.canvas.height = Math.max(160, Math.round(box.height)) * 2;
      this.pen.fillStyle = "#fff"; this.pen.fillRect(0, 0, this.canvas.width, this.canvas.height);
      this.strokes = [];
    }
    mark(event) {
      const box = this.canvas.getBoundingClientRect();
      const x = Math.round((event.clientX - box.left) * this.canvas.width / box.width), y = Math.round((event.clientY - box.top) * this.canvas.height / box.height);
      const stroke = this.strokes[this.strokes.length - 1], last = stroke[stroke.length - 1];
      stroke.push([Math.round(F.now()), x, y]);
      Object.assign(this.pen, { strokeStyle: "#000", lineWidth: 6, lineCap: "round", lineJoin: "round" });
      this.pen.beginPath(); this.pen.moveTo(last ? last[1] : x, last ? last[2] : y); this.pen.lineTo(x, y); this.pen.stroke();
    }
    get points() { return this.strokes.reduce((n, s) => n + s.length, 0); }
    async png(about) {
      const blob = await new Promise((done) => this.canvas.toBlob(done, "image/png"));
      const bytes = withText(new Uint8Array(await blob.arrayBuffer()), "mingzhi-signature", JSON.stringify({ ...about, strokes: this.strokes }));
      return new Blob([bytes], { type: "image/png" });
    }
  };
})();
