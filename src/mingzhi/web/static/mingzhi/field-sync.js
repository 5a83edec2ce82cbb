/* What goes over the line: the clock, what is taken along, the queue. Files by tus 1.0.0 in parts, from
   where they stopped; each item once, by its key. */
(() => {
  "use strict";
  const F = window.field;
  const PART = 1536 * 1024;
  const cookie = (name) => decodeURIComponent((document.cookie.match(`(?:^|; )${name}=([^;]*)`) || [])[1] || "");
  class Refused extends Error { constructor(status, body) { super(body.message || `${status}`); this.status = status; this.body = body; } }
  class Offline extends Error {}
  F.Refused = Refused; F.Offline = Offline;

  F.ask = async (url, options = {}) => {
    let answer;
    const stop = new AbortController(), timer = setTimeout(() => stop.abort(), options.patience || 20e3);
    try {
      answer = await fetch(url, { credentials: "same-origin", cache: "no-store", redirect: "manual", signal: stop.signal, ...options,
        headers: { Accept: "application/json", "X-Field-Device": F.device(), "X-Field-Account": F.who ? String(F.who.account) : "",
          ...options.method ? { "X-CSRFToken": cookie("csrftoken") } : {}, ...F.background ? { "X-Background": "1" } : {}, ...options.headers } });
    } catch { F.setNet("off"); throw new Offline(); } finally { clearTimeout(timer); }
    if (answer.type === "opaqueredirect" || answer.status === 401) { F.setNet("login"); throw new Refused(401, { code: "not_logged_in" }); }
    if (answer.status >= 502) { F.setNet("off"); throw new Offline(); }
    if (!answer.ok) {
      const body = await answer.json().catch(() => ({}));
      if (body.code === "recording.terminal_barred") await F.barred(body);
      throw new Refused(answer.status, body);
    }
    return answer;
  };
  F.setNet = (net) => { if (F.state.net !== net) { F.state.net = net; F.refreshBar?.(); } };

  // How far this phone's clock is from the server's, from one question with its travel time halved.
  F.measure = async () => {
    const sent = Date.now(), answer = await F.ask("/field/now"), got = Date.now();
    const { now, account } = await answer.json();
    F.offset = Math.round((sent + got) / 2 - Date.parse(now));
    if (F.who && F.who.account === account) await F.store.remember({ offset: F.offset });
    return account;
  };

  // Contact: the register notes in whose hands this phone is, and how its clock stands.
  F.contact = async () => {
    const room = await navigator.storage?.estimate?.().catch(() => null), power = await navigator.getBattery?.().catch(() => null);
    const told = { clock: new Date().toISOString() };
    const code = sessionStorage.getItem("field-code");
    sessionStorage.removeItem("field-code");
    if (code) told.code = code;
    if (power) told.battery = Math.round(power.level * 100);
    if (room?.quota) told.storage = Math.round((1 - room.usage / room.quota) * 100);
    F.terminal = (await (await F.ask("/field/enrol", { method: "POST", body: JSON.stringify(told), headers: { "Content-Type": "application/json" } })).json()).number;
  };
  // Suspended: nothing readable stays here. What was not sent stays sealed, for when it is let go on.
  F.barred = async (body) => {
    F.state.refused = [body.message, body.remedy].filter(Boolean).join("；");
    await F.store.forget();
    F.shut?.();
  };

  // Look who is logged in, take along what there is, get what needs the net. False: no net.
  F.refresh = async (again = false) => {
    try {
      if (F.who && !F.who.key && !again) return false;
      const account = await F.measure();
      await F.contact();
      F.state.refused = F.state.unregistered = "";
      if (!F.who?.key || F.who.account !== account) {
        const { key } = await (await F.ask("/field/key", { method: "POST" })).json();
        await F.store.enter(account, "", key);
      }
      const bundle = await (await F.ask("/field/data")).json();
      await F.store.saveBundle(bundle);
      await F.store.remember({ name: bundle.me.name, fetched: F.now() });
      F.setNet("on");
      if (bundle.card.number && (!F.who.card || F.who.card.until - F.now() < 4 * 864e5)) await F.newCard();
      return true;
    } catch (error) {
      if (error instanceof Refused && error.body.code === "field.fresh_login" && !F.who) { await F.relogin(); return false; }
      if (error instanceof Refused && error.status === 403 && error.body.code !== "recording.terminal_barred") F.state.refused = error.body.message;
      if (error instanceof Refused && error.body.code === "recording.terminal_unregistered") F.state.unregistered = error.body.remedy;
      if (error instanceof Offline || error instanceof Refused) return false;
      throw error;
    }
  };
  F.relogin = async () => {
    await F.ask("/field/relogin", { method: "POST" });
    sessionStorage.setItem("field-fresh", "1");
    location.replace("/login/?next=/field/");
  };
  F.newCard = async () => {
    const given = await (await F.ask("/field/card", { method: "POST" })).json();
    const key = await crypto.subtle.importKey("raw", F.unhex(given.secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    await F.store.remember({ card: { id: given.id, key, until: Date.parse(given.until) } });
  };

  // --- files ---------------------------------------------------------------------------------------
  const base64 = (text) => btoa(String.fromCharCode(...F.utf8(text)));
  const TUS = { "Tus-Resumable": "1.0.0" };
  const create = async (file) => {
    const told = [`filename ${base64(file.name)}`, `filetype ${base64(file.type)}`];
    // The server compares with the hash taken at capture. Differs it twice, the bytes go up without the
    // claim, so that a person is shown both hashes instead of nothing arriving.
    if ((file.differs || 0) < 2) told.push(`sha256 ${base64(file.sha256)}`);
    const made = await F.ask("/uploads/", { method: "POST", headers: { ...TUS, "Upload-Length": String(file.size), "Upload-Metadata": told.join(",") } });
    return made.headers.get("Location").replace(/\/$/, "").split("/").pop();
  };
  const part = async (file, offset) => {
    let n = 0, start = 0;
    while (start + file.sizes[n] <= offset) start += file.sizes[n++];
    const parts = [];
    let size = 0;
    for (let skip = offset - start; n < file.sizes.length && size < PART; n++, skip = 0) {
      const bytes = (await F.store.piece(file, n)).subarray(skip, skip + PART - size);
      parts.push(bytes); size += bytes.length;
      if (skip + bytes.length < file.sizes[n]) break;
    }
    return new Blob(parts);
  };
  const upload = async (item, file, sent, total) => {
    for (;;) {
      try {
        if (!file.upload) { file.upload = await create(file); await F.store.keep(item); }
        let offset = Number((await F.ask(`/uploads/${file.upload}`, { method: "HEAD", headers: TUS })).headers.get("Upload-Offset"));
        while (offset < file.size) {
          const body = await part(file, offset);
          const got = await F.ask(`/uploads/${file.upload}`, { method: "PATCH", body, patience: 120e3,
            headers: { ...TUS, "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset) } });
          offset = Number(got.headers.get("Upload-Offset"));
          F.progress?.(item.key, sent + offset, total);
        }
        return;
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        const differs = error.body.code === "upload.digest";
        if (differs) file.differs = (file.differs || 0) + 1;
        // Gone, expired, refused by its hash: once more from the phone's own bytes.
        if (!differs && ![404, 409, 410].includes(error.status) || (file.again = (file.again || 0) + 1) > 4) throw error;
        file.upload = "";
        await F.store.keep(item);
      }
    }
  };

  // --- items ---------------------------------------------------------------------------------------
  F.dueAt = (item) => {
    const hours = F.bundle?.recording.hours, ends = (item.envelope?.records || []).filter((r) => r.kind === "recording").map((r) => Date.parse(r.ended_at));
    return hours && ends.length ? Math.min(...ends) + hours * 3600e3 : null;
  };
  F.needsReason = (item) => { const due = F.dueAt(item); return due !== null && F.now() > due && item.envelope.records.some((r) => r.kind === "recording" && !r.late_reason); };

  const deliver = async (item) => {
    const total = item.files.reduce((n, f) => n + f.size, 0);
    let sent = 0;
    for (const file of item.files) { await upload(item, file, sent, total); sent += file.size; }
    const body = JSON.stringify({ ...item.envelope, files: item.files.map((f) => ({ upload: f.upload, sha256: f.sha256, name: f.name })) });
    const answer = await (await F.ask("/field/items", { method: "POST", body, patience: 60e3, headers: { "Content-Type": "application/json" } })).json();
    if (answer.state === "received") return; // judged when it is sent again
    item.state = answer.state === "refused" ? "conflict" : "done";
    item.answer = answer; item.problem = "";
    await F.store.keep(item);
    for (const file of item.files) await F.store.dropBlob(file);
  };

  let running = null;
  F.syncing = () => Boolean(running);
  // ``again``: the person asks, so what met a problem is tried once more too.
  F.sync = (again = false) => running ||= (async () => {
    try {
      if (!F.who?.key) return;
      const waiting = (await F.store.items()).filter((i) => (i.state === "waiting" || again && i.state === "problem") && !F.needsReason(i));
      if (!waiting.length) return;
      // Nothing leaves before it is known that the person logged in is the one whose queue this is.
      if (await F.measure() !== F.who.account) { await F.refresh(); return; }
      await F.contact();
      F.setNet("on");
      for (const item of waiting) {
        try { await deliver(item); } catch (error) {
          if (!(error instanceof Refused) || error.status === 401 || error.status >= 500) throw error;
          if (error.body.code === "recording.terminal_barred") return;
          if (error.body.code === "field.other_person") { await F.refresh(); return; }
          const missing = error.body.code === "field.upload_missing" && (item.tries = (item.tries || 0) + 1) < 5;
          if (missing) item.files.forEach((f) => { f.upload = ""; });
          item.state = missing ? "waiting" : "problem";
          item.problem = [error.body.message, ...(error.body.reasons || []).map((r) => r.sentence), error.body.remedy].filter(Boolean).join("；") || `${error.status}`;
          await F.store.keep(item);
        }
        F.changed?.();
      }
      await F.refresh();
    } catch (error) {
      if (!(error instanceof Offline || error instanceof Refused)) throw error;
    } finally { running = null; F.changed?.(); }
  })();
})();
