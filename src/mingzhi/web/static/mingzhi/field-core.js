/* Field face: small tools. Plain scripts under one name; no inline script, nothing from elsewhere. */
(() => {
  "use strict";
  const F = window.field = { state: { net: "unknown" } };
  F.words = JSON.parse(document.getElementById("words").textContent);
  F.say = (name, values = {}) => (F.words[name] || name).replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
  F.$ = (selector, root = document) => root.querySelector(selector);
  F.$$ = (selector, root = document) => [...root.querySelectorAll(selector)];

  // el("p", { class: "x", onclick: f }, "text", child)
  F.el = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (name in made && typeof value !== "string") made[name] = value;
      else made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
    return made;
  };

  const two = (n) => String(n).padStart(2, "0");
  // Times are shown and entered as clocks in China show them, whatever zone the phone is set to.
  F.china = (ms) => {
    const d = new Date(ms + 8 * 3600e3);
    return { day: `${d.getUTCFullYear()}-${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())}`,
      time: `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`, seconds: two(d.getUTCSeconds()) };
  };
  F.local = (ms) => { const c = F.china(ms); return `${c.day} ${c.time}`; };
  F.input = (ms) => { const c = F.china(ms); return `${c.day}T${c.time}`; };
  F.iso = (ms) => new Date(ms).toISOString();
  // The phone's clock minus the server's, measured while there was net.
  F.offset = 0;
  F.now = () => Date.now() - F.offset;
  F.span = (ms) => {
    const left = Math.max(0, Math.floor(Math.abs(ms) / 60e3));
    return F.say("span", { h: Math.floor(left / 60), m: left % 60 });
  };
  F.bytes = (n) => n >= 1 << 20 ? `${(n / (1 << 20)).toFixed(1)} MB` : `${Math.max(1, Math.round(n / 1024))} KB`;

  F.hex = (buffer) => [...new Uint8Array(buffer)].map((b) => b.toString(16).padStart(2, "0")).join("");
  F.unhex = (text) => Uint8Array.from(text.match(/../g) || [], (b) => parseInt(b, 16));
  F.random = (bytes) => F.hex(crypto.getRandomValues(new Uint8Array(bytes)));
  F.utf8 = (text) => new TextEncoder().encode(text);
  F.base32 = (bytes) => {
    let bits = 0, value = 0, out = "";
    for (const byte of bytes) {
      value = value << 8 | byte; bits += 8;
      while (bits >= 5) { out += "abcdefghijklmnopqrstuvwxyz234567"[value >>> bits - 5 & 31]; bits -= 5; }
      value &= (1 << bits) - 1;
    }
    return bits ? out + "abcdefghijklmnopqrstuvwxyz234567"[value << 5 - bits & 31] : out;
  };
  F.digest = async (bytes) => F.hex(await crypto.subtle.digest("SHA-256", bytes));

  // SHA-256 in pieces, for what is too long to hold in memory: WebCrypto only takes a whole.
  const K = new Uint32Array(64);
  {
    const primes = [];
    for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n);
    primes.forEach((p, i) => { K[i] = Math.floor((Math.cbrt(p) % 1) * 2 ** 32); });
  }
  F.Sha256 = class {
    constructor() {
      this.h = Uint32Array.of(0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19);
      this.rest = new Uint8Array(64); this.held = 0; this.size = 0; this.w = new Uint32Array(64);
    }
    add(bytes) {
      this.size += bytes.length;
      let at = 0;
      if (this.held) {
        at = Math.min(64 - this.held, bytes.length);
        this.rest.set(bytes.subarray(0, at), this.held);
        this.held += at;
        if (this.held < 64) return this;
        this.block(this.rest, 0); this.held = 0;
      }
      for (; at + 64 <= bytes.length; at += 64) this.block(bytes, at);
      this.rest.set(bytes.subarray(at)); this.held = bytes.length - at;
      return this;
    }
    block(bytes, at) {
      const w = this.w, view = new DataView(bytes.buffer, bytes.byteOffset + at, 64);
      for (let i = 0; i < 16; i++) w[i] = view.getUint32(i * 4);
      for (let i = 16; i < 64; i++) {
        const x = w[i - 15], y = w[i - 2];
        w[i] = w[i - 16] + w[i - 7] + ((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3)
          + ((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10);
      }
      let [a, b, c, d, e, f, g, h] = this.h;
      for (let i = 0; i < 64; i++) {
        const one = h + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + (e & f ^ ~e & g) + K[i] + w[i] | 0;
        const other = ((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + (a & b ^ a & c ^ b & c) | 0;
        h = g; g = f; f = e; e = d + one | 0; d = c; c = b; b = a; a = one + other | 0;
      }
      [a, b, c, d, e, f, g, h].forEach((v, i) => { this.h[i] += v; });
    }
    end() {
      const bits = this.size * 8, tail = new Uint8Array(this.held < 56 ? 64 : 128);
      tail.set(this.rest.subarray(0, this.held)); tail[this.held] = 0x80;
      const view = new DataView(tail.buffer);
      view.setUint32(tail.length - 8, Math.floor(bits / 2 ** 32)); view.setUint32(tail.length - 4, bits >>> 0);
      for (let at = 0; at < tail.length; at += 64) this.block(tail, at);
      return [...this.h].map((v) => v.toString(16).padStart(8, "0")).join("");
    }
  };

  F.device = () => {
    let id = localStorage.getItem("mingzhi-device");
    if (!id) { id = F.random(8); localStorage.setItem("mingzhi-device", id); }
    return id;
  };
})();
