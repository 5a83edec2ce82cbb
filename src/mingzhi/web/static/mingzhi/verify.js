/* Verification in the browser: the chosen files are read here and sent nowhere. Same checks as `mingzhi verify`:
   payload against commitment, entry against the tree, tree against the signature of the log's key. */
(() => {
  "use strict";
  const out = document.getElementById("local-result");
  const receiptInput = document.getElementById("local-receipt");
  const fileInput = document.getElementById("local-file");
  const keyInput = document.getElementById("local-key");
  if (!out || !receiptInput) return;

  const utf8 = new TextEncoder();
  const strict = new TextDecoder("utf-8", { fatal: true });
  const hex = (bytes) => [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
  const unhex = (text) => {
    if (!/^(?:[0-9a-f]{2})*$/.test(text)) throw new Error("format");
    return Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
  };
  const unbase64 = (text) => {
    let raw;
    try { raw = atob(text); } catch { throw new Error("format"); }
    const bytes = Uint8Array.from(raw, (c) => c.charCodeAt(0));
    if (btoa(raw) !== text) throw new Error("format");
    return bytes;
  };
  const join = (...parts) => {
    const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
    let at = 0;
    for (const part of parts) { all.set(part, at); at += part.length; }
    return all;
  };
  const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);
  const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

  // Canonical JSON (docs/algorithms/canonical.md): keys in code point order, no blanks, integers only.
  const canonical = (value) => {
    if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value);
    if (typeof value === "number") {
      if (!Number.isSafeInteger(value)) throw new Error("format");
      return String(value);
    }
    if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
    const order = (a, b) => {
      const x = [...a], y = [...b];
      for (let i = 0; i < Math.min(x.length, y.length); i += 1) if (x[i] !== y[i]) return x[i].codePointAt(0) - y[i].codePointAt(0);
      return x.length - y.length;
    };
    return `{${Object.keys(value).sort(order).map((k) => `${JSON.stringify(k)}:${canonical(value[k])}`).join(",")}}`;
  };

  // RFC 6962 section 2.1.1, verification as in RFC 9162 section 2.1.3.2; BigInt because a log may outgrow 2^31.
  const rootOf = async (leaf, index, size, path) => {
    let fn = BigInt(index), sn = BigInt(size) - 1n, hash = await sha256(join(Uint8Array.of(0), leaf));
    if (fn < 0n || fn > sn) throw new Error("tree");
    for (const step of path) {
      if (sn === 0n || step.length !== 32) throw new Error("tree");
      if (fn & 1n || fn === sn) {
        hash = await sha256(join(Uint8Array.of(1), step, hash));
        if (!(fn & 1n)) while (fn !== 0n && !(fn & 1n)) { fn >>= 1n; sn >>= 1n; }
      } else hash = await sha256(join(Uint8Array.of(1), hash, step));
      fn >>= 1n; sn >>= 1n;
    }
    if (sn !== 0n) throw new Error("tree");
    return hash;
  };

  const parseProof = (text) => {
    const gap = text.indexOf("\n\n");
    if (gap < 0) throw new Error("format");
    const lines = text.slice(0, gap).split("\n");
    if (!lines.shift().startsWith("c2sp.org/tlog-proof@")) throw new Error("format");
    if (!lines[0]?.startsWith("extra ")) throw new Error("format");
    const leaf = unbase64(lines.shift().slice(6));
    const place = /^index (0|[1-9]\d{0,18})$/.exec(lines.shift() || "");
    if (!place) throw new Error("format");
    return { leaf, index: place[1], path: lines.map(unbase64), checkpoint: text.slice(gap + 2) };
  };

  const parseNote = (note) => {
    const gap = note.lastIndexOf("\n\n");
    if (gap < 0) throw new Error("format");
    const text = note.slice(0, gap + 1), lines = text.split("\n");
    if (!/^(0|[1-9]\d{0,18})$/.test(lines[1] || "")) throw new Error("format");
    const signatures = note.slice(gap + 2).split("\n").filter(Boolean).map((line) => {
      const parts = /^— (\S+) (\S+)$/.exec(line);
      if (!parts) throw new Error("format");
      return { name: parts[1], raw: unbase64(parts[2]) };
    });
    return { text, origin: lines[0], size: lines[1], root: unbase64(lines[2] || ""), signatures };
  };

  const signed = async (note, vkey) => {
    const [name, id, key] = [vkey.slice(0, vkey.indexOf("+")), ...vkey.slice(vkey.indexOf("+") + 1).split(/\+(.*)/s)];
    if (!id || !key || name !== note.origin) throw new Error("signature");
    const raw = unbase64(key);
    if (raw.length !== 33 || raw[0] !== 1) throw new Error("signature");
    const mark = (await sha256(join(utf8.encode(`${name}\n`), raw))).slice(0, 4);
    if (hex(mark) !== id) throw new Error("signature");
    const mine = note.signatures.filter((s) => s.name === name && s.raw.length === 68 && same(s.raw.slice(0, 4), mark));
    if (!mine.length) throw new Error("signature");
    let ready;
    try { ready = await crypto.subtle.importKey("raw", raw.slice(1), { name: "Ed25519" }, false, ["verify"]); } catch { return false; }
    for (const s of mine) if (await crypto.subtle.verify({ name: "Ed25519" }, ready, s.raw.slice(4), utf8.encode(note.text))) return true;
    throw new Error("signature");
  };

  const named = (value, digest) => typeof value === "string" ? value === digest
    : value !== null && typeof value === "object" && Object.values(value).some((v) => named(v, digest));

  const tell = (lines, good) => {
    out.replaceChildren(...lines.map((line) => Object.assign(document.createElement("p"), { textContent: line })));
    out.classList.toggle("good", good === true);
    out.classList.toggle("bad", good === false);
  };

  let turn = 0;
  const run = async () => {
    const mine = ++turn, receipt = receiptInput.files[0], file = fileInput.files[0], say = out.dataset;
    if (!receipt) return;
    if (!window.crypto?.subtle) { tell([say.insecure], false); return; }
    try {
      let bundle;
      try {
        if (receipt.size > 4000000) throw new Error("format");
        bundle = JSON.parse(strict.decode(await receipt.arrayBuffer()));
      } catch { throw new Error("format"); }
      if (bundle?.format !== "mingzhi-receipt/1" || typeof bundle.proof !== "string" || typeof bundle.salt !== "string" || typeof bundle.payload !== "object" || bundle.payload === null) throw new Error("format");
      const proof = parseProof(bundle.proof), head = strict.decode(proof.leaf).split("\n");
      if (head.length !== 7 || head[0] !== "mingzhi-entry/1" || head[6]) throw new Error("format");
      const salt = unhex(bundle.salt);
      if (salt.length !== 32 || hex(await sha256(join(salt, utf8.encode(canonical(bundle.payload))))) !== head[5]) throw new Error("payload");
      const note = parseNote(proof.checkpoint);
      if (!same(await rootOf(proof.leaf, proof.index, note.size, proof.path), note.root)) throw new Error("tree");
      const certain = await signed(note, keyInput.value.trim());
      const lines = [certain ? say.ok : say.nosign];
      if (bundle.payload.number) lines.push(String(bundle.payload.number));
      lines.push(`${say.when} ${head[4]}`, `${say.place} ${proof.index} / ${note.size}`);
      let good = certain ? true : undefined;
      if (file) {
        const fits = named(bundle.payload, hex(await sha256(new Uint8Array(await file.arrayBuffer()))));
        lines.unshift(fits ? say.file : say.nofile);
        if (!fits) good = false;
      }
      if (mine === turn) tell(lines, good);
    } catch (error) {
      if (mine === turn) tell([`${say.bad}：${say[error.message] || say.format}`], false);
    }
  };
  for (const input of [receiptInput, fileInput, keyInput]) input.addEventListener("change", run);
})();
