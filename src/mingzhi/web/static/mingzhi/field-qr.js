/* QR codes without the net: byte mode, level M, versions 1 to 10 (ISO/IEC 18004). */
(() => {
  "use strict";
  const F = window.field;
  // Per version: check codewords a block, then [blocks, data codewords] groups; and alignment centres.
  const BLOCKS = [0, [10, [1, 16]], [16, [1, 28]], [26, [1, 44]], [18, [2, 32]], [24, [2, 43]], [16, [4, 27]],
    [18, [4, 31]], [22, [2, 38], [2, 39]], [22, [3, 36], [2, 37]], [26, [4, 43], [1, 44]]];
  const ALIGN = [0, [], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50]];
  const MASKS = [(r, c) => (r + c) % 2, (r) => r % 2, (r, c) => c % 3, (r, c) => (r + c) % 3,
    (r, c) => ((r >> 1) + Math.floor(c / 3)) % 2, (r, c) => r * c % 2 + r * c % 3,
    (r, c) => (r * c % 2 + r * c % 3) % 2, (r, c) => ((r + c) % 2 + r * c % 3) % 2];

  const EXP = new Uint8Array(512), LOG = new Uint8Array(256);
  for (let i = 0, x = 1; i < 255; i++) { EXP[i] = EXP[i + 255] = x; LOG[x] = i; x = x << 1 ^ (x & 0x80 ? 0x11d : 0); }
  const check = (data, count) => {
    let poly = [1];
    for (let i = 0; i < count; i++) {
      const next = new Array(poly.length + 1).fill(0);
      poly.forEach((v, j) => { next[j] ^= v; next[j + 1] ^= v ? EXP[LOG[v] + i] : 0; });
      poly = next;
    }
    const rest = [...data, ...new Array(count).fill(0)];
    for (let i = 0; i < data.length; i++) {
      const lead = rest[i];
      if (lead) poly.forEach((v, j) => { rest[i + j] ^= v ? EXP[LOG[v] + LOG[lead]] : 0; });
    }
    return rest.slice(data.length);
  };
  const bch = (value, poly, bits) => {
    let rest = value << bits;
    for (let i = 31 - Math.clz32(rest); i >= bits; i = 31 - Math.clz32(rest)) rest ^= poly << i - bits;
    return value << bits | rest;
  };

  const codewords = (bytes, version) => {
    const [ec, ...groups] = BLOCKS[version], room = groups.reduce((n, [b, d]) => n + b * d, 0);
    const bits = [];
    const push = (value, count) => { for (let i = count - 1; i >= 0; i--) bits.push(value >>> i & 1); };
    push(4, 4); push(bytes.length, version < 10 ? 8 : 16);
    for (const byte of bytes) push(byte, 8);
    push(0, Math.min(4, room * 8 - bits.length));
    while (bits.length % 8) bits.push(0);
    const data = [];
    for (let i = 0; i < bits.length; i += 8) data.push(bits.slice(i, i + 8).reduce((n, b) => n << 1 | b, 0));
    for (let pad = 0xec; data.length < room; pad ^= 0xfd) data.push(pad);
    const blocks = [];
    let at = 0;
    for (const [count, size] of groups) for (let i = 0; i < count; i++) { blocks.push(data.slice(at, at + size)); at += size; }
    const checks = blocks.map((b) => check(b, ec)), out = [];
    for (let i = 0; i < Math.max(...blocks.map((b) => b.length)); i++) for (const b of blocks) if (i < b.length) out.push(b[i]);
    for (let i = 0; i < ec; i++) for (const c of checks) out.push(c[i]);
    return out;
  };

  const frame = (version) => {
    const size = version * 4 + 17, m = Array.from({ length: size }, () => new Array(size).fill(null));
    const put = (r, c, v) => { if (r >= 0 && c >= 0 && r < size && c < size) m[r][c] = v; };
    for (const [r0, c0] of [[0, 0], [0, size - 7], [size - 7, 0]])
      for (let r = -1; r < 8; r++) for (let c = -1; c < 8; c++) {
        const ring = Math.max(Math.abs(r - 3), Math.abs(c - 3));
        put(r0 + r, c0 + c, ring === 2 || ring === 4 ? 0 : 1);
      }
    const centres = ALIGN[version];
    for (const r of centres) for (const c of centres) {
      if (m[r][c] !== null) continue;
      for (let y = -2; y <= 2; y++) for (let x = -2; x <= 2; x++) m[r + y][c + x] = Math.max(Math.abs(y), Math.abs(x)) === 1 ? 0 : 1;
    }
    for (let i = 8; i < size - 8; i++) { m[6][i] ??= 1 - i % 2; m[i][6] ??= 1 - i % 2; }
    if (version > 6) {
      const word = bch(version, 0x1f25, 12);
      for (let i = 0; i < 18; i++) { const v = word >>> i & 1, a = Math.floor(i / 3), b = size - 11 + i % 3; m[a][b] = v; m[b][a] = v; }
    }
    return m;
  };
  const format = (m, mask) => {
    const size = m.length, word = bch(mask, 0x537, 10) ^ 0x5412; // level M is 00
    for (let i = 0; i < 15; i++) {
      const v = word >>> i & 1;
      m[i < 6 ? i : i < 8 ? i + 1 : size - 15 + i][8] = v;
      m[8][i < 8 ? size - 1 - i : i < 9 ? 7 : 14 - i] = v;
    }
    m[size - 8][8] = 1;
  };
  const penalty = (m) => {
    const size = m.length, lines = [...m, ...m.map((_, c) => m.map((row) => row[c]))];
    let sum = 0, dark = 0;
    for (const line of lines) {
      const text = line.join("");
      for (const run of text.match(/0{5,}|1{5,}/g) || []) sum += run.length - 2;
      for (let i = 0; i + 11 <= size; i++) if (/^(10111010000|00001011101)/.test(text.slice(i))) sum += 40;
    }
    for (let r = 0; r < size; r++) for (let c = 0; c < size; c++) {
      dark += m[r][c];
      if (r && c && m[r][c] === m[r - 1][c] && m[r][c] === m[r][c - 1] && m[r][c] === m[r - 1][c - 1]) sum += 3;
    }
    return sum + 10 * Math.floor(Math.abs(dark * 20 - size * size * 10) / (size * size));
  };

  // The modules of the smallest code that holds ``text``, with the mask of least penalty.
  F.qr = (text) => {
    const bytes = F.utf8(text);
    const version = BLOCKS.findIndex((b, v) => v && b.slice(1).reduce((n, [k, d]) => n + k * d, 0) >= bytes.length + (v < 10 ? 2 : 3));
    if (version < 1) throw new Error("qr: too long");
    const words = codewords(bytes, version);
    let best = null;
    for (let mask = 0; mask < 8; mask++) {
      const m = frame(version), size = m.length;
      format(m, mask);
      let i = 0;
      for (let right = size - 1; right > 0; right -= 2) {
        if (right === 6) right = 5;
        for (let step = 0; step < size; step++) for (let x = 0; x < 2; x++) {
          const c = right - x, r = (right + 1 & 2) === 0 ? size - 1 - step : step;
          if (m[r][c] !== null) continue;
          const bit = i < words.length * 8 ? words[i >> 3] >>> 7 - (i & 7) & 1 : 0;
          m[r][c] = bit ^ (MASKS[mask](r, c) === 0 ? 1 : 0);
          i++;
        }
      }
      const score = penalty(m);
      if (!best || score < best.score) best = { score, mask, version, modules: m };
    }
    return best;
  };
  F.drawQr = (canvas, text) => {
    const { modules } = F.qr(text), quiet = 4, cell = Math.max(4, Math.floor(560 / (modules.length + 2 * quiet)));
    canvas.width = canvas.height = (modules.length + 2 * quiet) * cell;
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff"; pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.fillStyle = "#000";
    modules.forEach((row, r) => row.forEach((v, c) => { if (v) pen.fillRect((c + quiet) * cell, (r + quiet) * cell, cell, cell); }));
    canvas.dataset.text = text;
  };
})();
