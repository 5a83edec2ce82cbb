/* What lies on the phone. Everything of a person is AES-GCM under a key that this page can use and not
   read; log-out forgets the key and what was taken along. What was not yet sent stays as ciphertext
   until the same person logs in again: nobody else can read it, or send it. */
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

  F.store = {
    async load() {
      F.who = await get("keys", "who") || null;
      if (F.who) F.offset = F.who.offset || 0;
      return F.who;
    },
    async enter(account, name, keyHex) {
      if (F.who && F.who.account !== account) await F.store.forget();
      if (!F.who) {
        const key = await crypto.subtle.importKey("raw", F.unhex(keyHex), "AES-GCM", false, ["encrypt", "decrypt"]);
        F.who = { account, name, key, offset: F.offset };
        await put("keys", F.who, "who");
      }
    },
    async remember(changes) { Object.assign(F.who, changes); await put("keys", F.who, "who"); },
    // Log-out, or another person: the key dies, and with it everything that was taken along.
    async forget() {
      F.who = null; F.bundle = null;
      await work("keys", "readwrite", (s) => s.clear());
      await work("sealed", "readwrite", (s) => s.clear());
    },
    async saveBundle(bundle) { F.bundle = bundle; await put("sealed", await sealed(bundle), "bundle"); },
    async loadBundle() {
      const kept = await get("sealed", "bundle");
      F.bundle = kept && F.who ? await unsealed(kept) : null;
      return F.bundle;
    },

    // The queue: items with their state in clear (owner, order, state), the rest sealed.
    async items() {
      const own = (await all("queue")).filter((row) => F.who && row.owner === F.who.account);
      own.sort((a, b) => a.order - b.order);
      return Promise.all(own.map(async (row) => ({ ...await unsealed(row), key: row.key, order: row.order, state: row.state })));
    },
    async item(key) {
      const row = await get("queue", key);
      return row && F.who && row.owner === F.who.account ? { ...await unsealed(row), key, order: row.order, state: row.state } : null;
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
