/* SHA-256 (FIPS 180-4), a piece at a time: WebCrypto wants a whole file in memory, a recording does not fit there.
   As a page script it gives `MingzhiSha256`; as a worker it hashes the File it is sent and tells how far it is. */
(() => {
  "use strict";
  const K = new Int32Array(64), H = new Int32Array(8);
  const fraction = (x) => ((x - Math.floor(x)) * 4294967296) | 0;
  for (let n = 2, found = 0; found < 64; n += 1) {
    let prime = true;
    for (let d = 2; d * d <= n; d += 1) if (n % d === 0) { prime = false; break; }
    if (!prime) continue;
    if (found < 8) H[found] = fraction(Math.sqrt(n));
    K[found] = fraction(Math.cbrt(n));
    found += 1;
  }

  class Sha256 {
    constructor() {
      this.state = Int32Array.from(H);
      this.left = new Uint8Array(64);
      this.kept = 0;
      this.length = 0;
      this.w = new Int32Array(64);
    }

    update(bytes) {
      let at = 0;
      this.length += bytes.length;
      if (this.kept) {
        const take = Math.min(64 - this.kept, bytes.length);
        this.left.set(bytes.subarray(0, take), this.kept);
        this.kept += take;
        at = take;
        if (this.kept < 64) return this;
        this.block(this.left, 0);
        this.kept = 0;
      }
      for (; at + 64 <= bytes.length; at += 64) this.block(bytes, at);
      if (at < bytes.length) {
        this.left.set(bytes.subarray(at));
        this.kept = bytes.length - at;
      }
      return this;
    }

    digest() {
      const high = Math.floor(this.length / 536870912), low = (this.length * 8) >>> 0;
      const end = new Uint8Array(this.kept < 56 ? 64 : 128);
      end.set(this.left.subarray(0, this.kept));
      end[this.kept] = 128;
      const view = new DataView(end.buffer);
      view.setUint32(end.length - 8, high);
      view.setUint32(end.length - 4, low);
      for (let at = 0; at < end.length; at += 64) this.block(end, at);
      const out = new Uint8Array(32), told = new DataView(out.buffer);
      this.state.forEach((word, i) => told.setInt32(i * 4, word));
      return out;
    }

    block(bytes, at) {
      const w = this.w, s = this.state;
      for (let i = 0; i < 16; i += 1, at += 4) w[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
      for (let i = 16; i < 64; i += 1) {
        const x = w[i - 15], y = w[i - 2];
        w[i] = (w[i - 16] + w[i - 7] + (((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3))
          + (((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10))) | 0;
      }
      let a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
      for (let i = 0; i < 64; i += 1) {
        const t = (h + (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
        const u = ((((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        h = g; g = f; f = e; e = (d + t) | 0; d = c; c = b; b = a; a = (t + u) | 0;
      }
      s[0] += a; s[1] += b; s[2] += c; s[3] += d; s[4] += e; s[5] += f; s[6] += g; s[7] += h;
    }
  }

  self.MingzhiSha256 = Sha256;
  if (typeof document !== "undefined") return;
  self.onmessage = async ({ data: file }) => {
    const PIECE = 4 * 1024 * 1024, hash = new Sha256();
    try {
      for (let at = 0; at < file.size; at += PIECE) {
        hash.update(new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer()));
        self.postMessage({ done: Math.min(at + PIECE, file.size) / file.size });
      }
      self.postMessage({ digest: hash.digest() });
    } catch { self.postMessage({ failed: true }); }
  };
})();
