/* What lies on the phone. Everything of a person is AES-GCM under one key. The key lies here wrapped by the
   phone's own code (PBKDF2), and the server gives the same key after a fresh log-in: two ways to it, so a
   forgotten code loses nothing. Log-out forgets the wrapped key and what was taken along. What was not yet
   sent stays as ciphertext until the same person logs in again: nobody else can read it, or send it. */
(() => {
  "use strict";
  const F = window.field;
  const STORES = { keys: undefined, sealed: undefined, queue: "key", chunks: ["blob", "n"] };
  let opened = null;
  const open = () => opened ||= new Promise((done, failed) => {
    const asked = indexedDB.open("mingzhi-field", 1);
    asked.onupgradeneeded = () => {
      for (const [name, keyPath] of Object.entries(STORES)) asked.result.createObjectStore(name, keyPath ? { keyPath } : {});
    };
    asked.onsuccess = () => { asked.result.onversionchange = () => asked.result.close(); done(asked.result); };
    asked.onerror = () => failed(asked.error);
  });
  const work = async (store, mode, act) => {
    const db = await open();
    return new Promise((done, failed) => {
      const deal = db.transaction(store, mode, { durability: "strict" });
      const asked = act(deal.objectStore(store));
      deal.oncomplete = () => done(asked && asked.result);
      deal.onerror = deal.onabort = () => failed(deal.error);
    });
  };
  const get = (store, key) => work(store, "readonly", (s) => s.get(key));
  const all = (store) => work(store, "readonly", (s) => s.getAll());
  const put = (store, value, key) => work(store, "readwrite", (s) => s.put(value, key));
  const drop = (store, key) => work(store, "readwrite", (s) => s.delete(key));

  F.who = null;
  const lock = async (bytes) => {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, F.who.key, bytes) };
  };
  const unlock = async (kept) => new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: kept.iv }, F.who.key, kept.data));
  const sealed = async (value) => lock(F.utf8(JSON.stringify(value)));
  const unsealed = async (kept) => JSON.parse(new TextDecoder().decode(await unlock(kept)));

  // The phone's own code: six digits are few, so each try is made slow, and tries are counted.
  const ROUNDS = 600000, FREE = 3, MOST = 10;
  let fresh = null; // the key as the server gave it, until it is wrapped by a code
  const usable = (raw) => crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
  const byPin = async (pin, salt, iterations) => crypto.subtle.deriveKey({ name: "PBKDF2", hash: "SHA-256", salt, iterations },
    await crypto.subtle.importKey("raw", F.utf8(pin), "PBKDF2", false, ["deriveKey"]), { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const remember = async () => { const { key, ...kept } = F.who; await put("keys", kept, "who"); };

  F.store = {
    async load() {
      const kept = await get("keys", "who") || null;
      // Without a code nobody finished coming in here: the key must be asked for again.
      F.who = kept?.pin || kept?.spent ? { ...kept, key: null } : null;
      F.offset = kept?.offset || 0;
      return F.who;
    },
    async enter(account, name, keyHex) {
      if (F.who && F.who.account !== account) await F.store.forget();
      fresh = F.unhex(keyHex);
      F.who = { offset: F.offset, ...F.who, account, name, key: await usable(fresh), pin: null, spent: false, tries: 0, until: 0 };
      await remember();
    },
    async remember(changes) { Object.assign(F.who, changes); await remember(); },
    get needsPin() { return Boolean(F.who?.key && !F.who.pin); },
    async setPin(pin) {
      const salt = crypto.getRandomValues(new Uint8Array(16)), iv = crypto.getRandomValues(new Uint8Array(12));
      const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await byPin(pin, salt, ROUNDS), fresh);
      fresh.fill(0); fresh = null;
      await F.store.remember({ pin: { salt, iv, data, rounds: ROUNDS }, tries: 0, until: 0 });
    },
    // True: open. Otherwise how long to wait, or that the code is used up. A try counts before it is made.
    async unlock(pin) {
      const { who } = F, wait = who.until - Date.now();
      if (!who.pin) return { spent: true };
      if (wait > 0) return { wait };
      const tries = who.tries + 1;
      await F.store.remember({ tries, until: tries > FREE ? Date.now() + Math.min(30e3 * 2 ** (tries - FREE - 1), 3600e3) : 0 });
      try {
        const raw = new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: who.pin.iv }, await byPin(pin, who.pin.salt, who.pin.rounds), who.pin.data));
        who.key = await usable(raw);
        raw.fill(0);
      } catch {
        if (tries >= MOST) await F.store.remember({ pin: null, spent: true });
        return { wrong: true, spent: tries >= MOST, wait: F.who.until - Date.now(), left: MOST - tries };
      }
      await F.store.remember({ tries: 0, until: 0 });
      return true;
    },
    // Log-out, or another person: the wrapped key dies, and with it everything that was taken along.
    async forget() {
      F.who = null; F.bundle = null;
      await work("keys", "readwrite", (s) => s.clear());
      await work("sealed", "readwrite", (s) => s.clear());
    },
    async saveBundle(bundle) { F.bundle = bundle; await put("sealed", await sealed(bundle), "bundle"); },
    async loadBundle() {
      const kept = await get("sealed", "bundle");
      F.bundle = kept && F.who?.key ? await unsealed(kept) : null;
      return F.bundle;
    },

    // The queue: items with their state in clear (owner, order, state), the rest sealed.
    async items() {
      const own = (await all("queue")).filter((row) => F.who?.key && row.owner === F.who.account);
      own.sort((a, b) => a.order - b.order);
      return Promise.all(own.map(async (row) => ({ ...await unsealed(row), key: row.key, order: row.order, state: row.state })));
    },
    async item(key) {
      const row = await get("queue", key);
      return row && F.who?.key && row.owner === F.who.account ? { ...await unsealed(row), key, order: row.order, state: row.state } : null;
    },
    async keep(item) {
      const { key, order, state, ...rest } = item;
      await put("queue", { key, owner: F.who.account, order: order || Date.now(), state, ...await sealed(rest) });
      return item;
    },
    async drop(item) {
      for (const file of item.files || []) await F.store.dropBlob(file);
      await drop("queue", item.key);
    },

    // Bytes in sealed pieces, written as they come: what a dying phone had recorded so far is kept.
    writer() {
      const id = F.random(12), hash = new F.Sha256(), sizes = [];
      let turn = Promise.resolve();
      const add = async (blob) => {
        const bytes = new Uint8Array(await blob.arrayBuffer());
        if (!bytes.length) return;
        hash.add(bytes);
        await put("chunks", { blob: id, n: sizes.length, owner: F.who.account, ...await lock(bytes) });
        sizes.push(bytes.length);
      };
      return {
        id, sizes,
        add: (blob) => turn = turn.then(() => add(blob)),
        end: async () => { await turn; return { blob: id, sizes, size: hash.size, sha256: hash.end() }; },
      };
    },
    async putBlob(blob) {
      const PIECE = 4 << 20;
      if (blob.size > PIECE) {
        const writer = F.store.writer();
        for (let at = 0; at < blob.size; at += PIECE) await writer.add(blob.slice(at, at + PIECE));
        return writer.end();
      }
      const bytes = new Uint8Array(await blob.arrayBuffer()), id = F.random(12);
      await put("chunks", { blob: id, n: 0, owner: F.who.account, ...await lock(bytes) });
      return { blob: id, sizes: [bytes.length], size: bytes.length, sha256: await F.digest(bytes) };
    },
    async piece(file, n) { return unlock(await get("chunks", [file.blob, n])); },
    async blob(file) {
      const parts = [];
      for (let n = 0; n < file.sizes.length; n++) parts.push(await F.store.piece(file, n));
      return new Blob(parts, { type: file.type });
    },
    async dropBlob(file) {
      await work("chunks", "readwrite", (s) => s.delete(IDBKeyRange.bound([file.blob, 0], [file.blob, Infinity])));
    },
  };
})();
