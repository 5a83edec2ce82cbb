/* The field face: screens by the part of the address after #, filled from what the phone took along. */
(() => {
  "use strict";
  const F = window.field, { $, $$, el, say, store } = F;
  const node = (name) => $(`[data-${name}]`);
  const STATES = ["draft", "waiting", "problem", "conflict", "done"];
  const tone = { ok: "ok", soon: "today", today: "today", late: "late" };
  const chip = (text, kind) => text ? el("span", { class: `chip tone-${tone[kind] || "ok"}` }, text) : null;

  let noticeTimer = 0;
  F.tell = (text, bad = false) => {
    const box = node("notice");
    box.textContent = text; box.hidden = !text; box.classList.toggle("bad", bad);
    clearTimeout(noticeTimer);
    if (text && !bad) noticeTimer = setTimeout(() => { box.hidden = true; }, 6000);
    if (text) box.scrollIntoView({ block: "center" });
  };
  F.askPerson = (text, input = false) => new Promise((done) => {
    const dialog = node("ask"), box = node("ask-input");
    node("ask-text").textContent = text; box.hidden = !input; box.value = "";
    const end = (value) => { dialog.close(); done(value); };
    node("ask-yes").onclick = () => end(input ? box.value.trim() : true);
    node("ask-no").onclick = dialog.oncancel = () => end(input ? "" : false);
    dialog.showModal();
  });

  // --- the bar on top ----------------------------------------------------------------------------
  F.refreshBar = async () => {
    const bar = node("net"), net = F.state.net;
    bar.className = `net ${net}`;
    bar.replaceChildren(el("span", {}, F.state.refused || say(`net_${net}`)));
    if (net === "login") bar.append(el("a", { href: "/login/?next=/field/" }, say("log_in_again")));
    const items = F.who?.key ? await store.items() : [], waiting = items.filter((i) => ["waiting", "problem"].includes(i.state)).length;
    const conflicts = items.filter((i) => i.state === "conflict").length, link = node("queue-link");
    link.hidden = !waiting && !conflicts;
    link.textContent = conflicts ? say("conflict_n", { n: conflicts }) : say("waiting_n", { n: waiting });
  };
  F.changed = () => { F.refreshBar(); if (F.who?.key && ["queue", "home", "case"].includes(screen.name) && document.activeElement?.tagName !== "INPUT") show(); };
  F.progress = (key, sent, total) => {
    const bar = $(`[data-bar="${key}"]`);
    if (!bar) return;
    bar.hidden = false; bar.max = total; bar.value = sent;
    bar.nextElementSibling.textContent = say("sending", { sent: F.bytes(sent), total: F.bytes(total) });
  };

  const caseOf = (id) => F.bundle.cases.find((c) => c.id === Number(id));
  const people = (ids) => ids.map((id) => F.bundle.officers.find((o) => o.id === Number(id))).filter(Boolean);
  const facts = (target, pairs) => target.replaceChildren(...pairs.filter(([, v]) => v).flatMap(([k, v]) => [el("dt", {}, k), el("dd", {}, v)]));
  const list = (target, rows, empty) => target.replaceChildren(...rows.length ? rows : [el("li", { class: "empty-line" }, empty)]);

  // --- home, case ----------------------------------------------------------------------------------
  const screens = {};
  screens.home = () => {
    list(node("tasks"), F.bundle.tasks.map((t) => {
      const inside = [el("span", { class: "head" }, el("span", { class: "strong" }, t.title), chip(t.chip, t.tone)), el("span", { class: "muted" }, t.number)];
      return el("li", {}, t.dossier && caseOf(t.dossier) ? el("a", { class: "whole", href: `#/case/${t.dossier}` }, inside) : inside);
    }), say("tasks_none"));
    list(node("cases"), F.bundle.cases.map((c) => el("li", {}, el("a", { class: "whole", href: `#/case/${c.id}` },
      el("span", { class: "head" }, el("span", { class: "strong" }, c.title), chip(c.chip, c.tone)), el("span", { class: "muted" }, `${c.number} · ${c.state}`), el("br"), c.party))), say("cases_none"));
    node("fetched").textContent = F.who.fetched ? say("fetched", { at: F.local(F.who.fetched) }) : "";
  };

  screens.case = async (id) => {
    const c = caseOf(id);
    if (!c) { location.hash = "#/"; return; }
    const own = (await store.items()).filter((i) => i.envelope?.dossier === c.id || i.dossier === c.id);
    node("case").replaceChildren(el("h1", {}, c.title), el("dl", { class: "facts" }));
    facts($("dl", node("case")), [[say("party"), c.party], [say("member"), c.members.join("、")], ["", ""]]);
    node("case").append(el("p", { class: "muted" }, [...new Set([c.number, c.stage, c.state])].join(" · ")));
    node("case-buttons").replaceChildren(
      el("a", { class: "button", href: `#/record/${c.id}` }, say("kind_recording")),
      el("a", { class: "button", href: `#/photo/${c.id}` }, say("kind_evidence")),
      ...c.verbs.map((v) => el("a", { class: "button primary", href: `#/form/${c.id}/${v}` }, F.bundle.forms[v].papers[0] || F.bundle.forms[v].label)),
      ...c.serve.map((s) => el("a", { class: "button", href: `#/form/${c.id}/${s.verb}/${s.paper}` }, say("serve_paper", { title: s.title }))));
    list(node("case-due"), c.due.map((d) => el("li", {}, `${d.label} ${d.on}`)), "—");
    list(node("case-records"), [
      ...own.filter((i) => STATES.includes(i.state) && i.state !== "draft" && i.state !== "done").map((i) => el("li", {}, `${i.title} `, el("span", { class: "chip tone-today" }, say(`state_${i.state}`)))),
      ...c.records.map((r) => el("li", {}, `${r.kind} · ${r.title} · ${r.at}`, el("br"), el("span", { class: "mono small" }, r.sha256.slice(0, 16)))),
    ], say("records_none"));
    list(node("case-steps"), c.steps.map((s) => el("li", {}, `${s.on} ${s.label} ${s.by}`)), "—");
  };

  // --- 亮证 ---------------------------------------------------------------------------------------
  screens.card = () => {
    const card = F.bundle.card, problem = node("card-problem");
    facts(node("card"), [[say("facts_name"), F.bundle.me.name], [say("facts_unit"), `${F.bundle.me.body} ${F.bundle.me.unit}`], [say("facts_number"), card.number],
      [say("facts_scope"), card.scope], [say("facts_area"), card.area], [say("facts_valid"), card.valid_from && `${card.valid_from} 至 ${card.valid_until}`], [say("facts_issuer"), card.issuer]]);
    node("card-worn").textContent = card.worn ? `${say(`worn_${card.worn}`)}（${card.worn_citation}）` : "";
    let shown = 0;
    const turn = async () => {
      const now = F.now(), key = F.who?.card, today = F.china(now).day;
      const why = !card.number ? say("card_none") : !card.valid ? `${say("card_invalid")}：${card.note}` : today > card.valid_until ? say("card_invalid")
        : !key ? say("card_key_none") : now > key.until ? say("card_key_over") : "";
      problem.textContent = why; problem.hidden = !why;
      for (const name of ["card-qr", "card-left"]) node(name).hidden = Boolean(why);
      node("card-next").hidden = Boolean(why);
      if (why) return;
      const step = Math.floor(now / 30e3), left = 30 - Math.floor(now / 1e3) % 30;
      node("card-left").value = left; node("card-next").textContent = say("card_next", { s: left });
      if (step === shown) return;
      shown = step;
      const mac = await crypto.subtle.sign("HMAC", key.key, F.utf8(`mingzhi-card/1\n${key.id}\n${step}`));
      F.drawQr(node("card-qr"), `${F.bundle.public_url || location.origin}/officers/${key.id}-${step}-${F.base32(new Uint8Array(mac).subarray(0, 10))}`);
    };
    turn();
    const timer = setInterval(turn, 500);
    return () => clearInterval(timer);
  };

  // --- recordings and pictures ------------------------------------------------------------------
  // A target is a case, or the draft of a penalty on the spot that has no case yet.
  const target = async (id) => /^\d+$/.test(id) ? { dossier: Number(id), place: caseOf(id)?.place || "", acts: caseOf(id)?.acts || [] }
    : { draft: await store.item(id), place: (await store.item(id))?.values?.place || "", acts: [F.bundle.forms.spot_decide.act] };
  const envelope = (kind, title, more) => ({ key: F.random(16), kind, title: (title || say("no_title")).slice(0, 200), device: F.device(), clock_offset_ms: Math.round(F.offset), occurred_at: F.iso(F.now()), ...more });
  const keepRecord = async (where, record, file) => {
    if (where.draft) {
      const draft = await store.item(where.draft.key);
      draft.files.push(file); draft.records.push({ ...record, file: draft.files.length - 1 });
      await store.keep(draft);
    } else {
      const sent = envelope("record", record.title, { dossier: where.dossier, occurred_at: record.ended_at, records: [{ ...record, file: 0 }] });
      await store.keep({ key: sent.key, state: "waiting", title: record.title, kind: "record", envelope: sent, files: [file] });
    }
    F.tell(say("saved_queue"));
    F.refreshBar(); F.sync();
  };

  screens.record = async (id, wanted) => {
    const where = await target(id), rules = F.bundle.recording.acts, act = $("#record-act"), place = $("#record-place"), go = node("record-go");
    const named = [...new Set([wanted, ...where.acts].filter((a) => a && rules[a]))], others = Object.keys(rules).filter((a) => !named.includes(a));
    act.replaceChildren(...[...named, ...others].map((a) => el("option", { value: a }, rules[a].label)));
    place.value = where.place;
    const said = F.bundle.recording;
    const ticks = node("record-ticks"), cause = caseOf(where.dossier)?.title || where.draft?.values?.cause || say("cause_blank");
    const script = () => {
      const rule = rules[act.value], now = F.china(F.now()), ticked = $$("input:checked", ticks).map((i) => i.value);
      const [year, month, day] = now.day.split("-").map(Number), [hour, minute] = now.time.split(":").map(Number);
      node("record-rule").textContent = rule ? `${rule.mode_label}。${rule.content}（${rule.citation}）` : "";
      node("record-script").replaceChildren(...(rule?.phrases || []).map((text) => el("p", {}, text)));
      // The words are the server's; the moment, the place and the matter are the phone's.
      ticks.replaceChildren(...(rule?.lines || []).map(([value, label, text]) => el("label", {}, el("input", { type: "checkbox", value, checked: ticked.includes(value) }),
        el("span", {}, el("span", { class: "strong" }, label), el("br"), (value === "time" ? text.replace(/\d{4}年.*分/, `${year}年${month}月${day}日${hour}时${minute}分`) : text).replace("{place}", place.value || say("place_blank")).replace("{cause}", cause)))));
    };
    act.onchange = place.oninput = script; script();
    const after = node("record-after"), clock = node("record-clock"), view = node("record-view"), broke = node("record-broke"), breakField = node("record-break-field"), full = $("#record-full");
    after.hidden = true; clock.hidden = true; view.hidden = true; broke.hidden = true; breakField.hidden = true; full.checked = false; full.disabled = false;
    for (const name of ["title", "break", "note"]) $(`#record-${name}`).value = "";
    let recorder = null, timer = 0, made = null;
    go.hidden = false; go.textContent = say("start");
    go.onclick = async () => {
      if (!recorder) {
        const kind = $("[name=record-kind]:checked").value;
        try { await F.camera.open(kind, view); } catch { F.tell(say("media_refused"), true); return; }
        F.tell("");
        view.hidden = kind === "audio"; clock.hidden = false; clock.classList.add("on");
        recorder = new F.Recorder(kind, F.camera.stream, (why) => { broke.hidden = false; broke.textContent = say("broke", { why }); });
        recorder.start(); F.recording = true; script();
        go.textContent = say("stop");
        timer = setInterval(() => { const s = Math.floor((F.now() - recorder.began) / 1e3); clock.textContent = `${say("recording")} ${String(Math.floor(s / 60)).padStart(2, "0")}:${String(s % 60).padStart(2, "0")}`; }, 250);
      } else {
        clearInterval(timer);
        made = await recorder.stop(); recorder = null; F.recording = false;
        F.camera.close();
        clock.classList.remove("on"); view.hidden = true; go.hidden = true; after.hidden = false;
        $("#record-title").value = rules[act.value]?.label || say("kind_recording");
        breakField.hidden = !made.breaks.length; full.checked = !made.breaks.length; full.disabled = Boolean(made.breaks.length);
        node("record-hash").textContent = `${say("hash")} ${made.sha256}（${F.bytes(made.size)}）`;
        $("#record-title").focus();
      }
    };
    node("record-save").onclick = async () => {
      const ticked = $$("input:checked", node("record-ticks")).map((i) => i.value), note = $("#record-note").value.trim(), title = $("#record-title").value.trim();
      const missing = (rules[act.value]?.lines || []).filter(([v]) => !ticked.includes(v)).map(([, label]) => label), why = $("#record-break").value.trim();
      if (!title) return F.tell(say("title_need"), true);
      if (said.said_required && missing.length && !note) return F.tell(say("said_missing", { what: missing.join("、") }), true);
      if (made.breaks.length && !why) return F.tell(say("break_reason"), true);
      const interruption = made.breaks.length ? [...made.breaks.map((b) => `${F.china(b.at).time} ${b.why}`), why].join("；").slice(0, 480) : "";
      const { began, ended, breaks, ...file } = made;
      await keepRecord(where, { kind: "recording", act: act.value, title, captured_at: F.iso(began), ended_at: F.iso(ended), place: place.value.trim(), full: full.checked && !breaks.length, statement: ticked, interruption, note }, { ...file, name: F.mediaName(title, file.type) });
      made = null;
      history.back();
    };
    return () => { clearInterval(timer); F.recording = false; if (recorder) recorder.stop().then(() => F.camera.close()); else F.camera.close(); };
  };

  screens.photo = async (id) => {
    const where = await target(id), view = node("photo-view"), taken = node("photo-taken"), go = node("photo-go");
    $("#photo-kind").replaceChildren(...F.bundle.recording.evidence_kinds.map(([v, label]) => el("option", { value: v, selected: v === "audiovisual" }, label)));
    $("#photo-place").value = where.place;
    for (const name of ["title", "purpose"]) $(`#photo-${name}`).value = "";
    let made = null, shot = null;
    const live = async () => {
      taken.hidden = true; view.hidden = false; made = null; node("photo-hash").textContent = ""; go.textContent = say("take_picture");
      try { await F.camera.open("picture", view); } catch { F.tell(say("media_refused"), true); }
    };
    go.onclick = async () => {
      if (made) return live();
      if (!F.camera.stream) return live();
      shot = await F.camera.picture(view);
      made = await store.putBlob(shot.blob);
      F.camera.close();
      taken.src = URL.createObjectURL(shot.blob); taken.hidden = false; view.hidden = true;
      go.textContent = say("take_again");
      node("photo-hash").textContent = `${say("hash")} ${made.sha256}（${F.bytes(made.size)}）`;
    };
    node("photo-save").onclick = async () => {
      const title = $("#photo-title").value.trim(), purpose = $("#photo-purpose").value.trim();
      if (!made) return F.tell(say("picture_need"), true);
      if (!title) return F.tell(say("title_need"), true);
      if (!purpose) return F.tell(say("purpose_need"), true);
      await keepRecord(where, { kind: "evidence", title, captured_at: F.iso(shot.at), ended_at: F.iso(shot.at), place: $("#photo-place").value.trim(), evidence_kind: $("#photo-kind").value, purpose }, { ...made, type: "image/jpeg", name: F.mediaName(title, "image/jpeg") });
      history.back();
    };
    await live();
    return () => { F.camera.close(); if (taken.src) URL.revokeObjectURL(taken.src); };
  };

  // --- queue ------------------------------------------------------------------------------------
  const badge = (item) => {
    const due = F.dueAt(item), open = !["done", "conflict"].includes(item.state), left = due === null ? 0 : due - F.now();
    return [el("span", { class: `chip tone-${{ done: "ok", conflict: "late", problem: "late" }[item.state] || "today"}` }, say(`state_${item.state}`)),
      due !== null && open ? el("span", { class: `chip tone-${left < 0 ? "late" : left < 6 * 3600e3 ? "today" : "ok"}` }, say(left < 0 ? "over" : "left", { span: F.span(left) })) : null];
  };
  screens.queue = async () => {
    const items = (await store.items()).reverse();
    list(node("queue"), items.map((item) => el("li", {},
      el("p", { class: "strong" }, item.title), el("p", {}, ...badge(item)),
      item.files?.length ? el("p", { class: "muted small" }, `${item.files.length} · ${F.bytes(item.files.reduce((n, f) => n + f.size, 0))}`) : null,
      el("progress", { "data-bar": item.key, hidden: true }), el("p", { class: "small" }),
      item.problem ? el("p", { class: "danger-text" }, item.problem) : null,
      item.state === "conflict" ? el("p", { class: "danger-text" }, [item.answer.message, ...item.answer.reasons].join("；")) : null,
      F.needsReason(item) && item.state !== "done" && item.state !== "conflict" && item.state !== "draft" ? el("div", { class: "field" },
        el("label", { for: `late-${item.key}` }, say("late_reason")), el("input", { id: `late-${item.key}`, maxlength: "300" }),
        el("button", { type: "button", class: "button", onclick: async () => {
          const reason = $(`#late-${item.key}`).value.trim();
          if (!reason) return;
          item.envelope.records = item.envelope.records.map((r) => r.kind === "recording" ? { ...r, late_reason: reason } : r);
          await store.keep(item); await F.sync(); show();
        } }, say("save"))) : null,
      el("div", { class: "buttons" },
        item.state === "conflict" ? el("a", { class: "button primary", href: `/field/conflicts/${item.answer.id}/` }, say("handle")) : null,
        item.state === "draft" ? el("a", { class: "button primary", href: item.kind === "spot" ? `#/spot/${item.key}` : `#/form/${item.dossier}/${item.verb}${item.paper ? `/${item.paper}` : ""}` }, say("go_on")) : null,
        item.kind === "spot" && item.envelope ? el("a", { class: "button", href: `#/paper/${item.key}` }, say("view_paper")) : null,
        item.state === "draft" || item.state === "done" ? el("button", { type: "button", class: "button", onclick: async () => {
          if (item.state === "draft" && !await F.askPerson(say("drop_ask"))) return;
          await store.drop(item); show();
        } }, say("drop")) : null))), say("queue_none"));
    node("queue-go").onclick = async () => { await F.sync(true); if (F.state.net === "off") F.tell(say("net_off")); };
    const timer = setInterval(() => { if (!document.activeElement || document.activeElement.tagName !== "INPUT") F.refreshBar(); }, 30e3);
    return () => clearInterval(timer);
  };

  // --- this phone ---------------------------------------------------------------------------------
  screens.me = async () => {
    const seconds = Math.round(F.offset / 1e3), items = await store.items(), unsent = items.filter((i) => i.state !== "done" && i.state !== "conflict");
    facts(node("me"), [[say("facts_name"), F.bundle.me.name], [say("facts_unit"), `${F.bundle.me.body} ${F.bundle.me.unit}`], [say("facts_device"), F.terminal || F.device().slice(0, 8).toUpperCase()],
      [say("facts_clock"), say("offset", { fast: say(seconds >= 0 ? "fast" : "slow"), s: Math.abs(seconds) })]]);
    const free = await F.freeNumbers();
    node("me-numbers").textContent = say("numbers_left", { n: free.length });
    node("me-list").replaceChildren(...free.map((n) => el("li", {}, n.text, " ", el("button", { type: "button", class: "button", onclick: async () => {
      const reason = await F.askPerson(`${n.text}：${say("spoil_ask")}`, true);
      if (!reason) return;
      const sent = envelope("number", n.text, { number: { block: n.block, seq: n.seq, text: n.text }, reason });
      await store.keep({ key: sent.key, state: "waiting", title: `${say("spoil")} ${n.text}`, kind: "number", envelope: sent, files: [] });
      F.sync(); show();
    } }, say("spoil")))));
    const online = async (act) => {
      try { await act(); await F.refresh(); } catch (error) {
        F.tell(error instanceof F.Offline ? say("need_net") : error.message, true);
        if (!(error instanceof F.Offline || error instanceof F.Refused)) throw error;
      }
      show();
    };
    node("me-reserve").onclick = () => online(async () => { await F.ask("/field/numbers", { method: "POST" }); F.tell(say("reserve_done")); });
    node("me-return").onclick = async () => {
      if (unsent.some((i) => i.kind === "spot" || i.kind === "number")) return F.tell(say("numbers_pending"), true);
      const reason = await F.askPerson(say("return_ask"), true);
      if (reason) await online(async () => {
        const { voided } = await (await F.ask("/field/numbers/return", { method: "POST", body: new URLSearchParams({ reason }) })).json();
        F.tell(say("numbers_back", { n: voided }));
      });
    };
    node("me-leave-note").textContent = [say("leave_ask"), unsent.length ? say("leave_waiting", { n: unsent.length }) : ""].join("");
    node("me-leave").onclick = async () => {
      if (!await F.askPerson(node("me-leave-note").textContent)) return;
      for (const item of items.filter((i) => i.state === "done" || i.state === "conflict")) await store.drop(item);
      // The phone forgets first: whatever the net does, nothing readable is left here.
      const left = F.ask("/field/leave", { method: "POST" }).catch(() => null);
      await store.forget();
      await left;
      location.replace("/login/");
    };
  };
  F.freeNumbers = async () => {
    const used = new Set((await store.items()).flatMap((i) => [i.envelope?.number, i.number]).filter(Boolean).map((n) => `${n.block}:${n.seq}`));
    const year = Number(F.china(F.now()).day.slice(0, 4));
    return F.bundle.numbers.filter((n) => n.year === year && !used.has(`${n.block}:${n.seq}`));
  };

  // --- the phone's own code ---------------------------------------------------------------------
  // A dialog over everything: what is under it stays as it was, so locking loses nothing that was begun.
  const IDLE = 5 * 60e3, locked = node("lock");
  let touched = Date.now(), opening = null;
  for (const name of ["pointerdown", "keydown", "input"]) window.addEventListener(name, () => { touched = Date.now(); }, { capture: true, passive: true });
  locked.addEventListener("cancel", (event) => event.preventDefault());
  const told = (answer) => answer.spent ? say("pin_spent") : answer.wait > 0 ? say(answer.wrong ? "pin_wrong_wait" : "pin_wait", { s: Math.ceil(answer.wait / 1e3) }) : say("pin_wrong", { n: answer.left });
  const dialog = (setting) => {
    const pin = $("#pin"), again = $("#pin-again"), problem = node("lock-problem");
    node("lock-title").textContent = say(setting ? "pin_set" : "pin_title", { name: F.who?.name || "" });
    node("lock-note").textContent = say(setting ? "pin_set_note" : "pin_note");
    node("lock-again").hidden = !setting; node("lock-forgot").hidden = setting;
    node("lock-go").textContent = say(setting ? "save" : "pin_go");
    pin.value = again.value = ""; problem.textContent = F.who?.spent ? say("pin_spent") : "";
    node("lock-form").onsubmit = async (event) => {
      event.preventDefault();
      const code = pin.value;
      if (!/^\d{6}$/.test(code)) { problem.textContent = say("pin_six"); return; }
      if (setting && /^(\d)\1+$|^(?:012345|123456|234567|345678|456789|987654|876543|765432|654321|543210)$/.test(code)) { problem.textContent = say("pin_easy"); return; }
      if (setting && again.value !== code) { problem.textContent = say("pin_differs"); return; }
      node("lock-go").disabled = true;
      try {
        const answer = setting ? (await store.setPin(code), true) : await store.unlock(code);
        pin.value = again.value = "";
        if (answer !== true) { problem.textContent = told(answer); return; }
      } finally { node("lock-go").disabled = false; }
      touched = Date.now();
      F.shut();
    };
    if (!locked.open) locked.showModal();
    pin.focus();
  };
  node("lock-forgot").onclick = async () => {
    try { await F.relogin(); } catch (error) {
      if (!(error instanceof F.Offline || error instanceof F.Refused)) throw error;
      node("lock-problem").textContent = error instanceof F.Offline ? say("need_net") : error.message;
    }
  };
  // Wait until the code is entered or set, or the phone is no longer anybody's.
  F.shut = () => { if (locked.open) locked.close(); opening?.(); opening = null; F.refreshBar(); if (!F.who) show(); };
  const askPin = (setting) => new Promise((done) => { opening = done; dialog(setting); });
  F.lock = () => {
    if (locked.open || !F.who?.pin || F.recording || F.syncing() || $("dialog[data-ask][open]")) return;
    F.who.key = null;
    dialog(false);
  };
  setInterval(() => { if (Date.now() - touched > IDLE) F.lock(); }, 5e3);
  document.addEventListener("visibilitychange", () => { if (!document.hidden && Date.now() - touched > IDLE) F.lock(); });

  // --- going from screen to screen -----------------------------------------------------------------
  Object.assign(screens, F.forms(screens, { node, facts, list, people, caseOf, envelope }));
  let screen = { name: "", leave: null }, turn = 0;
  const TITLES = { home: "", card: "t_card", case: "t_case", record: "kind_recording", photo: "kind_evidence", form: "", spot: "spot_title", sign: "t_sign", paper: "t_paper", queue: "t_queue", me: "t_me" };
  const show = async () => {
    const mine = ++turn;
    let [name, ...args] = location.hash.replace(/^#\/?/, "").split("/");
    if (!screens[name]) name = "home";
    if (!F.who?.key || !F.bundle) name = "nobody";
    const leave = screen.leave, section = name === "spot" ? "form" : name;
    screen = { name, leave: null };
    leave?.();
    $$("[data-screen]").forEach((s) => { s.hidden = s.dataset.screen !== section; });
    node("back").hidden = name === "home" || name === "nobody";
    node("title").textContent = TITLES[name] ? say(TITLES[name]) : $("title").textContent.split(" · ")[0];
    if (name === "nobody") {
      node("nobody").textContent = F.state.unregistered || F.state.refused || say("nobody");
      $(".button", node("nobody").parentElement.lastElementChild).classList.toggle("primary", !F.state.unregistered);
      // A phone that nobody allowed yet: its code, and everything from the start.
      node("code-form").hidden = !F.state.unregistered;
      node("code-form").onsubmit = (event) => { event.preventDefault(); sessionStorage.setItem("field-code", $("#phone-code").value.trim()); location.reload(); };
      return;
    }
    if (name === "form" && F.bundle.forms[args[1]]) node("title").textContent = F.bundle.forms[args[1]].papers[0] || F.bundle.forms[args[1]].label;
    const left = await screens[name](...args.map(decodeURIComponent));
    if (mine === turn) screen.leave = left || null; else left?.();
  };
  F.show = show;
  window.addEventListener("hashchange", () => { if (node("notice").classList.contains("bad")) F.tell(""); show(); window.scrollTo(0, 0); });
  node("back").addEventListener("click", (event) => { if (history.length > 1) { event.preventDefault(); history.back(); } });
  window.addEventListener("online", () => F.sync());
  window.addEventListener("offline", () => F.setNet("off"));
  // By itself, not by a person at work: the session's idle time goes on meanwhile.
  setInterval(async () => {
    if (navigator.onLine === false || !F.who?.key) return;
    F.background = true;
    try { await F.sync(); } finally { F.background = false; }
  }, 20e3);

  // A page that waits for the code is ready for its person, and the shell is kept all the same.
  const ready = async (waiting) => { await kept(); document.body.dataset.ready = "1"; await waiting; };
  const kept = async () => {
    if (!("serviceWorker" in navigator) || document.body.dataset.kept) return;
    try { await navigator.serviceWorker.register("/field/sw.js", { scope: "/field/" }); await navigator.serviceWorker.ready; document.body.dataset.kept = "1"; } catch { /* without log-in or net: the one kept before serves on */ }
  };
  F.ready = (async () => {
    if (!window.isSecureContext) { F.state.refused = say("insecure"); await F.refreshBar(); return show(); }
    await store.load();
    const again = sessionStorage.getItem("field-fresh") !== null;
    sessionStorage.removeItem("field-fresh");
    if (F.who && !(again && await F.refresh(true))) await ready(askPin(false));
    if (F.who && !F.bundle) await store.loadBundle();
    if (F.bundle) show();
    await F.refreshBar();
    await F.refresh();
    await show();
    if (store.needsPin) await ready(askPin(true));
    await F.refreshBar();
    await kept();
    await navigator.storage?.persist?.();
    if (F.who) await F.sync();
    document.body.dataset.ready = "1";
  })();
})();
