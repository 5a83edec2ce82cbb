/* Verification in the browser: the chosen files are read here and sent nowhere; with a code only the code is sent.
   Same checks as `mingzhi verify`: payload against commitment, entry against the tree, tree against the signature of
   the log's keys. Hashes and SM2 are our own (sha256.js, sm2.js), so they are there without HTTPS too; Ed25519 is WebCrypto's. */
(() => {
  "use strict";
  const out = document.getElementById("local-result");
  const receiptInput = document.getElementById("local-receipt");
  const fileInput = document.getElementById("local-file");
  const codeInput = document.getElementById("local-code");
  const keyInput = document.getElementById("local-key");
  if (!out || !receiptInput || !self.MingzhiSha256) return;

  const utf8 = new TextEncoder();
  const strict = new TextDecoder("utf-8", { fatal: true });
  // A moment as the ledger writes it, as a clock in Beijing showed it; anything else as it stands.
  const inChina = (text) => (isNaN(Date.parse(text)) ? text : new Date(text).toLocaleString("sv-SE", { timeZone: "Asia/Shanghai" }));
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
  const sha256 = (bytes) => new self.MingzhiSha256().update(bytes).digest();

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
  const rootOf = (leaf, index, size, path) => {
    let fn = BigInt(index), sn = BigInt(size) - 1n, hash = sha256(join(Uint8Array.of(0), leaf));
    if (fn < 0n || fn > sn) throw new Error("tree");
    for (const step of path) {
      if (sn === 0n || step.length !== 32) throw new Error("tree");
      if (fn & 1n || fn === sn) {
        hash = sha256(join(Uint8Array.of(1), step, hash));
        if (!(fn & 1n)) while (fn !== 0n && !(fn & 1n)) { fn >>= 1n; sn >>= 1n; }
      } else hash = sha256(join(Uint8Array.of(1), hash, step));
      fn >>= 1n; sn >>= 1n;
    }
    if (sn !== 0n) throw new Error("tree");
    return hash;
  };

  // A tlog-proof; its extra data is the leaf, then what opens it (docs/algorithms/ledger.md).
  const parseProof = (text) => {
    const gap = text.indexOf("\n\n");
    if (gap < 0) throw new Error("format");
    const lines = text.slice(0, gap).split("\n");
    if (lines.shift() !== "c2sp.org/tlog-proof@v1") throw new Error("format");
    if (!lines[0]?.startsWith("extra ")) throw new Error("format");
    const extra = strict.decode(unbase64(lines.shift().slice(6))).split("\n");
    if (extra.length < 7 || extra.pop() !== "") throw new Error("format");
    const leaf = utf8.encode(`${extra.slice(0, 6).join("\n")}\n`), rest = extra.slice(6);
    const place = /^index (0|[1-9]\d{0,18})$/.exec(lines.shift() || "");
    if (!place) throw new Error("format");
    const proof = { leaf, index: place[1], path: lines.map(unbase64), checkpoint: text.slice(gap + 2) };
    if (rest[0]?.startsWith("salt ") && rest[1]?.startsWith("payload ")) {
      proof.salt = unhex(rest[0].slice(5));
      proof.payload = rest[1].slice(8);
    }
    return proof;
  };

  // A receipt in either form: the proof, with salt and payload text where it discloses them.
  const parseReceipt = (text) => {
    if (!text.trimStart().startsWith("{")) return parseProof(text);
    const bundle = JSON.parse(text);
    if (bundle?.format !== "mingzhi-receipt/1" || typeof bundle.proof !== "string" || typeof bundle.salt !== "string" || typeof bundle.payload !== "object" || bundle.payload === null) throw new Error("format");
    return { ...parseProof(bundle.proof), salt: unhex(bundle.salt), payload: canonical(bundle.payload) };
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

  const SM2 = join(Uint8Array.of(255), utf8.encode("GB/T 32918.2 SM2-SM3 1234567812345678\n"));
  const parseKey = (vkey) => {
    const at = vkey.indexOf("+"), name = vkey.slice(0, at), [, id, key] = /^([0-9a-f]{8})\+(.+)$/.exec(vkey.slice(at + 1)) || [];
    if (at < 1 || !id) throw new Error("key");
    const raw = unbase64(key);
    const kind = raw.length === 33 && raw[0] === 1 ? "Ed25519" : raw.length === SM2.length + 64 && same(raw.slice(0, SM2.length), SM2) ? "SM2" : "";
    if (!kind) return null; // a witness's: not checked here
    const mark = sha256(join(utf8.encode(`${name}\n`), raw)).slice(0, 4);
    if (hex(mark) !== id) throw new Error("key");
    return { name, mark, kind, raw: raw.slice(kind === "SM2" ? SM2.length : 1) };
  };

  // What became of the lines by these keys: the kinds that fit, and those this browser cannot check. Every line by a key must fit.
  const signed = async (note, text) => {
    const keys = text.split(/\s+/).filter(Boolean).map(parseKey).filter((k) => k && k.name === note.origin);
    const pairs = note.signatures.flatMap((s) => keys.filter((k) => s.name === k.name && s.raw.length === 68 && same(s.raw.slice(0, 4), k.mark)).map((k) => [s.raw.slice(4), k]));
    if (!pairs.length) throw new Error("signature");
    const fits = new Set(), unchecked = new Set(), message = utf8.encode(note.text);
    for (const [signature, k] of pairs) {
      let good;
      if (k.kind === "SM2") good = self.MingzhiSm2?.verify(k.raw, message, signature);
      else {
        try { good = await crypto.subtle.verify({ name: "Ed25519" }, await crypto.subtle.importKey("raw", k.raw, { name: "Ed25519" }, false, ["verify"]), signature, message); } catch { good = undefined; }
      }
      if (good === false) throw new Error("signature");
      (good ? fits : unchecked).add(k.kind);
    }
    return { fits, unchecked };
  };

  // The file's digest, by a worker that reads it piece by piece.
  let worker;
  const digestOf = (file, progress) => new Promise((done, failed) => {
    worker?.terminate();
    worker = new Worker(out.dataset.worker);
    worker.onerror = () => failed(new Error("unread"));
    worker.onmessage = ({ data }) => {
      if (data.digest) { worker.terminate(); done(hex(data.digest)); }
      else if (data.failed) { worker.terminate(); failed(new Error("unread")); }
      else progress(data.done);
    };
    worker.postMessage(file);
  });

  const named = (value, digest) => typeof value === "string" ? value === digest
    : value !== null && typeof value === "object" && Object.values(value).some((v) => named(v, digest));

  const tell = (lines, good) => {
    out.replaceChildren(...lines.map((line) => Object.assign(document.createElement("p"), { textContent: line })));
    out.classList.toggle("good", good === true);
    out.classList.toggle("bad", good === false);
  };

  const receiptText = async () => {
    const receipt = receiptInput.files[0], code = codeInput.value.trim();
    if (receipt) {
      if (receipt.size > 4000000) throw new Error("format");
      return strict.decode(await receipt.arrayBuffer());
    }
    const answer = await fetch(`/verify/${encodeURIComponent(code)}/receipt`, { credentials: "omit" });
    if (!answer.ok) throw new Error("nocode");
    return answer.text();
  };

  let turn = 0;
  const run = async () => {
    const mine = ++turn, file = fileInput.files[0], say = out.dataset;
    worker?.terminate();
    if (!receiptInput.files[0] && !codeInput.value.trim()) return;
    try {
      let proof;
      const text = await receiptText();
      try { proof = parseReceipt(text); } catch { throw new Error("format"); }
      const head = strict.decode(proof.leaf).split("\n");
      if (head.length !== 7 || head[0] !== "mingzhi-entry/1" || head[6]) throw new Error("format");
      let payload = null;
      if (proof.payload !== undefined) {
        if (proof.salt.length !== 32 || hex(sha256(join(proof.salt, utf8.encode(proof.payload)))) !== head[5]) throw new Error("payload");
        try { payload = JSON.parse(proof.payload); } catch { throw new Error("format"); }
      }
      const note = parseNote(proof.checkpoint);
      if (!same(rootOf(proof.leaf, proof.index, note.size, proof.path), note.root)) throw new Error("tree");
      const { fits, unchecked } = await signed(note, keyInput.value), certain = fits.size > 0;
      const lines = [certain ? say.ok : say.nosign];
      if (certain) lines.push(`${say.signed}${[...fits].join(say.and)}`);
      if (certain && unchecked.size) lines.push(`${say.unchecked}${[...unchecked].join(say.and)}`);
      if (payload?.number) lines.push(String(payload.number));
      lines.push(`${say.when} ${inChina(head[4])}`, `${say.place} ${proof.index} / ${note.size}`);
      let good = certain ? true : undefined;
      if (file && payload === null) {
        lines.unshift(say.nopayload);
        good = false;
      } else if (file) {
        const digest = await digestOf(file, (part) => { if (mine === turn) tell([`${say.reading} ${Math.floor(part * 100)} %`]); });
        const fits = named(payload, digest);
        lines.unshift(fits ? say.file : say.nofile);
        if (!fits) { good = false; lines[1] = say.receiptonly; }
      }
      if (mine === turn) tell(lines, good);
    } catch (error) {
      if (mine === turn) tell([`${say.bad}：${say[error.message] || say.format}`], false);
    }
  };
  for (const input of [receiptInput, fileInput, codeInput, keyInput]) input.addEventListener("change", run);
  if (codeInput.value && fileInput.files[0]) run();
})();
