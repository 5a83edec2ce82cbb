/* SM3 (GB/T 32905) and the check of an SM2 signature (GB/T 32918.2, curve sm2p256v1, user id 1234567812345678):
   browsers have neither. Only public values come here, so nothing need take the same time. Gives `MingzhiSm2`. */
(() => {
  "use strict";
  const P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFFn;
  const N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123n;
  const A = P - 3n;
  const B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93n;
  const GX = 0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7n;
  const GY = 0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0n;
  const USER = new TextEncoder().encode("1234567812345678");

  const left = (x, n) => (x << n) | (x >>> (32 - n));
  const sm3 = (bytes) => {
    const all = new Uint8Array((bytes.length + 72) & ~63), view = new DataView(all.buffer);
    all.set(bytes);
    all[bytes.length] = 128;
    view.setUint32(all.length - 8, Math.floor(bytes.length / 536870912));
    view.setUint32(all.length - 4, (bytes.length * 8) >>> 0);
    const v = Int32Array.of(0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e);
    const w = new Int32Array(68);
    for (let at = 0; at < all.length; at += 64) {
      for (let i = 0; i < 16; i += 1) w[i] = view.getInt32(at + i * 4);
      for (let i = 16; i < 68; i += 1) {
        const x = w[i - 16] ^ w[i - 9] ^ left(w[i - 3], 15);
        w[i] = x ^ left(x, 15) ^ left(x, 23) ^ left(w[i - 13], 7) ^ w[i - 6];
      }
      let [a, b, c, d, e, f, g, h] = v;
      for (let i = 0; i < 64; i += 1) {
        const turned = left(a, 12), first = left((turned + e + left(i < 16 ? 0x79cc4519 : 0x7a879d8a, i % 32)) | 0, 7);
        const one = ((i < 16 ? a ^ b ^ c : (a & b) | (a & c) | (b & c)) + d + (first ^ turned) + (w[i] ^ w[i + 4])) | 0;
        const two = ((i < 16 ? e ^ f ^ g : (e & f) | (~e & g)) + h + first + w[i]) | 0;
        d = c; c = left(b, 9); b = a; a = one; h = g; g = left(f, 19); f = e; e = two ^ left(two, 9) ^ left(two, 17);
      }
      [a, b, c, d, e, f, g, h].forEach((x, i) => { v[i] ^= x; });
    }
    const out = new Uint8Array(32), told = new DataView(out.buffer);
    v.forEach((word, i) => told.setInt32(i * 4, word));
    return out;
  };

  const number = (bytes) => bytes.reduce((n, byte) => (n << 8n) | BigInt(byte), 0n);
  const bytes32 = (value) => Uint8Array.from(value.toString(16).padStart(64, "0").match(/../g), (pair) => parseInt(pair, 16));
  const mod = (x) => ((x % P) + P) % P;
  const inverse = (x) => {
    let [a, b, u, v] = [mod(x), P, 1n, 0n];
    while (a > 1n) { const q = b / a; [a, b, u, v] = [b % a, a, v - q * u, u]; }
    return mod(u);
  };

  // Points in Jacobian coordinates; null is the point at infinity.
  const double = (p) => {
    if (!p || p[1] === 0n) return null;
    const [x, y, z] = p, yy = mod(y * y), s = mod(4n * x * yy), zz = mod(z * z), m = mod(3n * x * x + A * zz * zz);
    const nx = mod(m * m - 2n * s);
    return [nx, mod(m * (s - nx) - 8n * yy * yy), mod(2n * y * z)];
  };
  const add = (p, q) => {
    if (!p) return q;
    if (!q) return p;
    const pz = mod(p[2] * p[2]), qz = mod(q[2] * q[2]), u = mod(p[0] * qz), h = mod(q[0] * pz - u);
    const s = mod(p[1] * qz * q[2]), r = mod(q[1] * pz * p[2] - s);
    if (h === 0n) return r === 0n ? double(p) : null;
    const hh = mod(h * h), hhh = mod(h * hh), uhh = mod(u * hh), x = mod(r * r - hhh - 2n * uhh);
    return [x, mod(r * (uhh - x) - s * hhh), mod(h * p[2] * q[2])];
  };
  const sumOf = (s, g, t, q) => { // s·g + t·q, both in one ladder
    const both = add(g, q);
    let sum = null;
    for (let bit = 255n; bit >= 0n; bit -= 1n) {
      sum = double(sum);
      const has = (s >> bit) & 1n, also = (t >> bit) & 1n;
      if (has || also) sum = add(sum, has && also ? both : has ? g : q);
    }
    return sum;
  };

  const join = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));

  // Whether r || s (64 bytes) is a signature over `message` by the key X || Y (64 bytes); false for what is malformed.
  const verify = (key, message, signature) => {
    if (key.length !== 64 || signature.length !== 64) return false;
    const x = number(key.slice(0, 32)), y = number(key.slice(32)), r = number(signature.slice(0, 32)), s = number(signature.slice(32));
    if (x >= P || y >= P || mod(y * y) !== mod(x * x * x + A * x + B)) return false;
    if (r < 1n || r >= N || s < 1n || s >= N || (r + s) % N === 0n) return false;
    const identity = sm3(join([0, USER.length * 8], USER, ...[A, B, GX, GY].map(bytes32), key));
    const point = sumOf(s, [GX, GY, 1n], (r + s) % N, [x, y, 1n]);
    if (!point) return false;
    const z = inverse(point[2]);
    return (number(sm3(join(identity, message))) + mod(point[0] * z * z)) % N === r;
  };

  self.MingzhiSm2 = { sm3, verify };
})();
