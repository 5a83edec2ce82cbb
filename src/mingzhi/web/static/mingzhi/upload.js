/* Uploads that go on after a cut line or a reload (tus), for forms marked data-upload. Where the tus
   library is missing the form sends its files itself and shows how far; without script it just sends. */
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const person = document.body.dataset.person || "", csrf = () => document.body.dataset.csrf || "";
  const CHUNK = 32 * 1048576, HASHED = 64 * 1048576, SENT = "uploads-sent";
  const tell = (done, total, speed, left) =>
    `${Math.floor(100 * done / total)}%，${(speed / 1048576).toFixed(1)} MB/s，${left} ${time((total - done) / Math.max(speed, 1))}`;
  const time = (seconds) => seconds < 60 ? `${Math.ceil(seconds)} s` : `${Math.floor(seconds / 60)} min ${Math.ceil(seconds % 60)} s`;
  const element = (tag, values) => Object.assign(document.createElement(tag), values);

  // --- without tus: one request, with its progress --------------------------------------------
  const plain = (form) => form.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.submitter?.hasAttribute("formaction")) return;
    event.preventDefault();
    const words = $("[data-uploads]", form).dataset, box = $(".upload-progress", form), bar = $("progress", box), begun = Date.now();
    box.classList.add("on");
    const send = new XMLHttpRequest();
    send.upload.addEventListener("progress", (e) => {
      if (!e.lengthComputable) return;
      bar.max = e.total; bar.value = e.loaded;
      $("output", box).textContent = tell(e.loaded, e.total, e.loaded / Math.max((Date.now() - begun) / 1000, 0.1), words.left);
    });
    send.addEventListener("load", () => {
      const to = send.getResponseHeader("X-Location");
      if (to) {
        // An address that differs from this page's only behind the # would not load anything.
        const url = new URL(to, location.href);
        if (url.pathname + url.search === location.pathname + location.search) { location.hash = url.hash; location.reload(); } else location.assign(url);
        return;
      }
      document.open(); document.write(send.responseText); document.close();
    });
    send.addEventListener("error", () => { box.classList.remove("on"); delete form.dataset.sending; $("#messages").textContent = words.failed; });
    send.open("POST", form.action || location.href); send.setRequestHeader("X-Upload", "1"); send.send(new FormData(form, event.submitter));
  });

  // --- what this machine remembers of a form's uploads ----------------------------------------
  const keyOf = (form) => `uploads:${person}:${new URL(form.action || location.href, location.href).pathname}`;
  const read = (key) => { try { return JSON.parse(localStorage.getItem(key) || "[]"); } catch { return []; } };
  const write = (key, kept) => { try { if (kept.length) localStorage.setItem(key, JSON.stringify(kept)); else localStorage.removeItem(key); } catch { /* a full store only costs the resuming */ } };

  const digest = async (file) => {
    if (file.size > HASHED || !window.crypto?.subtle) return "";
    const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    return [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
  };

  class Item {
    constructor(list, field, about) {
      this.list = list; this.field = field; this.about = about; this.state = "waiting";
      const words = list.words;
      this.row = element("li", {}); this.name = element("span", { className: "name", textContent: about.name });
      this.buttons = element("span", {}); this.bar = element("progress", { max: about.size || 1, value: 0 });
      this.bar.setAttribute("aria-label", `${words.progress} ${about.name}`);
      this.text = element("output", { className: "small" });
      this.toggle = element("button", { type: "button", className: "button link small", textContent: words.pause, hidden: true });
      this.drop = element("button", { type: "button", className: "button link small", textContent: words.cancel });
      this.toggle.addEventListener("click", () => this.state === "sending" ? this.pause() : this.go());
      this.drop.addEventListener("click", () => list.remove(this, true));
      this.buttons.append(this.toggle, this.drop); this.row.append(this.name, this.buttons, this.bar, this.text);
      list.boxes[field].append(this.row);
    }
    say(text, failed = false) { this.text.textContent = text; this.row.classList.toggle("failed", failed); }
    async begin(file) {
      this.state = "sending"; this.toggle.hidden = false;
      const metadata = { filename: file.name, filetype: file.type };
      if (!this.about.url) { this.say(this.list.words.preparing); const sha256 = await digest(file); if (sha256) metadata.sha256 = sha256; }
      if (this.state === "gone") return;
      this.upload = new tus.Upload(file, {
        endpoint: this.list.words.endpoint, uploadUrl: this.about.url || null, chunkSize: CHUNK, metadata,
        storeFingerprintForResuming: false, retryDelays: [0, 1000, 3000, 5000, 10000, 20000],
        headers: { "X-CSRFToken": csrf(), Accept: "application/json" },
        onUploadUrlAvailable: () => { this.about.url = new URL(this.upload.url, location.href).pathname; this.list.save(); },
        onProgress: (sent, total) => this.moved(sent, total),
        onSuccess: () => this.finish(),
        onError: (error) => this.fail(error),
      });
      if (this.state === "sending") this.upload.start();
    }
    go() {
      if (!this.upload) return;
      this.upload.options.headers["X-CSRFToken"] = csrf();
      this.state = "sending"; this.samples = []; this.toggle.textContent = this.list.words.pause; this.say(""); this.upload.start();
    }
    pause() { this.state = "paused"; this.upload?.abort(); this.toggle.textContent = this.list.words.resume; this.say(this.list.words.paused); }
    moved(sent, total) {
      const now = Date.now(); this.bar.max = total; this.bar.value = sent;
      this.samples = [...(this.samples || []), [now, sent]].filter(([at]) => now - at < 5000);
      const [at, from] = this.samples[0];
      this.say(tell(sent, total, (sent - from) / Math.max((now - at) / 1000, 0.2), this.list.words.left));
    }
    finish() {
      this.state = "done"; this.about.done = true; this.bar.max = this.bar.value = 1; this.toggle.hidden = true; this.say(this.list.words.done);
      this.input = element("input", { type: "hidden", name: this.field, value: this.about.url.split("/").pop() });
      this.list.form.append(this.input); this.list.save(); this.list.settled();
    }
    fail(error) {
      const answer = error.originalResponse, status = answer ? answer.getStatus() : 0;
      let message = "";
      try { message = JSON.parse(answer.getBody()).message || ""; } catch { /* no sentence in it */ }
      this.state = "failed";
      if (status === 401) message = this.list.words.login;
      if (!status || status >= 500 || status === 401 || status === 409 || status === 423) {
        this.toggle.textContent = this.list.words.resume; this.say(message || this.list.words.broken, true);
      } else { this.toggle.hidden = true; this.about.url = ""; this.list.save(); this.say(message || this.list.words.failed, true); }
      this.list.settled();
    }
  }

  class Uploads {
    constructor(form) {
      this.form = form; this.words = $("[data-uploads]", form).dataset; this.boxes = {}; this.key = keyOf(form); this.items = []; this.waiting = null;
      for (const input of $$("input[type=file][data-tokens]", form)) {
        const box = this.boxes[input.dataset.tokens] = element("ul", { className: "uploads" });
        box.setAttribute("role", "status"); input.after(box);
        input.addEventListener("change", () => this.chosen(input));
      }
      form.addEventListener("submit", (event) => this.submit(event), true);
      for (const about of read(this.key)) if (this.boxes[about.field]) this.restore(about);
    }
    save() { write(this.key, this.items.filter((i) => i.about.url).map((i) => ({ ...i.about, field: i.field }))); }
    async restore(about) {
      const item = new Item(this, about.field, about);
      this.items.push(item); item.state = "checking";
      const told = await fetch(about.url, { method: "HEAD", headers: { "Tus-Resumable": "1.0.0", Accept: "application/json" } }).catch(() => null);
      if (item.state !== "checking") return;
      if (told && !told.ok) { this.remove(item, false); return; }
      const offset = told ? Number(told.headers.get("Upload-Offset")) : 0;
      item.bar.max = about.size; item.bar.value = offset;
      if (told && offset === about.size) item.finish();
      else { item.state = "again"; item.say(`${Math.floor(100 * offset / about.size)}%，${this.words.again}`); this.settled(); }
    }
    chosen(input) {
      const field = input.dataset.tokens;
      for (const file of input.files) {
        const same = this.items.find((i) => i.field === field && i.about.name === file.name && i.about.size === file.size && i.about.modified === file.lastModified);
        if (!input.multiple) for (const other of this.items.filter((i) => i.field === field && i !== same)) this.remove(other, true);
        if (same && /sending|paused|done/.test(same.state)) continue;
        const item = same || new Item(this, field, { name: file.name, size: file.size, modified: file.lastModified, url: "" });
        if (!same) this.items.push(item);
        item.begin(file);
      }
      input.value = "";
    }
    remove(item, end) {
      item.upload?.abort(); item.state = "gone"; item.row.remove(); item.input?.remove();
      this.items = this.items.filter((i) => i !== item); this.save();
      if (end && item.about.url) fetch(item.about.url, { method: "DELETE", headers: { "Tus-Resumable": "1.0.0", "X-CSRFToken": csrf() } }).catch(() => {});
      this.settled();
    }
    submit(event) {
      if (event.submitter?.hasAttribute("formaction")) return;
      if (this.items.some((i) => i.state !== "done")) {
        event.preventDefault(); event.stopImmediatePropagation();
        this.waiting = { submitter: event.submitter };
        const stuck = this.items.find((i) => /paused|failed|again/.test(i.state));
        if (stuck) { this.waiting = null; stuck.row.scrollIntoView({ block: "center" }); (stuck.toggle.hidden ? stuck.drop : stuck.toggle).focus(); }
        else $(".upload-progress output", this.form).textContent = this.words.waiting;
        $(".upload-progress", this.form).classList.toggle("on", !stuck); $(".upload-progress progress", this.form).hidden = true;
        return;
      }
      try { sessionStorage.setItem(SENT, this.key); } catch { /* the list is then offered once more */ }
    }
    settled() {
      if (!this.waiting) return;
      if (this.items.some((i) => /paused|failed|again/.test(i.state))) { this.waiting = null; $(".upload-progress", this.form).classList.remove("on"); return; }
      if (this.items.some((i) => i.state !== "done")) return;
      const { submitter } = this.waiting; this.waiting = null; this.form.requestSubmit(submitter);
    }
  }

  const sent = sessionStorage.getItem(SENT);
  if (sent) { if (!$(".field-error, .error-summary")) write(sent, []); sessionStorage.removeItem(SENT); }
  for (const form of $$("form[data-upload]")) {
    if (!$("[data-uploads]", form)) continue;
    if (window.tus && tus.isSupported) new Uploads(form); else plain(form);
  }
})();
