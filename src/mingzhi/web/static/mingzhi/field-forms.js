/* Record forms, their signatures, and the paper made on the spot. What is signed is a text: the facts as
   entered and the lines as shown, hashed; the server reads the facts from that very text. */
(() => {
  "use strict";
  const F = window.field, { $, $$, el, say } = F, store = F.store;
  const MANY = ["people", "checks"];
  const CLOSING = ["signature", "signature_note"];

  F.forms = (screens, { node, facts, list, people, caseOf, envelope }) => {
    const own = {};
    const spec = (verb) => F.bundle.forms[verb];
    const itemOf = (code) => F.bundle.items.find((i) => i.code === code);
    const standard = (party) => party.kind === "natural" ? "natural" : party.kind === "household" && party.standard === "citizen" ? "natural" : "organisation";
    const chinese = (iso) => iso ? iso.replace("T", " ") : "";

    // --- fields ------------------------------------------------------------------------------------
    const PARTY = () => [
      { name: "kind", label: say("p_kind"), widget: "choice", options: [["natural", say("p_natural")], ["legal", say("p_legal")], ["organisation", say("p_organisation")], ["household", say("p_household")]], required: true },
      { name: "name", label: say("p_name"), widget: "text", required: true, max: 200 },
      { name: "standard", label: say("p_standard"), widget: "choice", options: [["citizen", say("p_citizen")], ["organisation", say("p_org")]], required: true, show: ["kind", ["household"]] },
      { name: "gender", label: say("p_gender"), widget: "choice", options: [["男", say("p_male")], ["女", say("p_female")]], show: ["kind", ["natural"]] },
      { name: "id_kind", label: say("p_id_kind"), widget: "select", options: [["resident", say("p_resident")], ["passport", say("p_passport")], ["hk_macau", say("p_hk")], ["taiwan", say("p_tw")], ["foreigner", say("p_foreigner")], ["other", say("p_other")]], show: ["kind", ["natural", "household"]] },
      { name: "id_number", label: say("p_id_number"), widget: "text", max: 40, show: ["kind", ["natural", "household"]] },
      { name: "credit_code", label: say("p_code"), widget: "text", max: 18, show: ["kind", ["legal", "organisation", "household"]] },
      { name: "code_note", label: say("p_code_note"), widget: "text", max: 100, show: ["kind", ["organisation", "household"]] },
      { name: "representative", label: say("p_representative"), widget: "text", max: 60, show: ["kind", ["legal", "organisation", "household"]] },
      { name: "address", label: say("p_address"), widget: "text", max: 200 },
      { name: "phone", label: say("p_phone"), widget: "text", max: 40 },
    ].map((f) => ({ ...f, name: `party.${f.name}`, show: f.show && [`party.${f.show[0]}`, f.show[1]], group: say("party"), options: f.options || [], help: "", cite: "", unit: "" }));

    const options = (field, values) => {
      if (["people", "person"].includes(field.widget)) return F.bundle.officers.map((o) => [String(o.id), `${o.name}（${o.unit}）`]);
      if (field.widget === "item") return F.bundle.items.map((i) => [i.code, i.name]);
      if (field.name === "tier") return itemOf(values.item_code)?.tiers || [];
      return field.options;
    };
    const input = (field, values, id) => {
      const value = values[field.name] ?? "", attributes = { id, name: field.name, maxlength: field.max && String(field.max), "aria-describedby": field.help ? `${id}-help` : null };
      if (field.widget === "textarea") return el("textarea", { ...attributes, rows: "4" }, value);
      if (field.widget === "datetime") return el("input", { ...attributes, type: "datetime-local", value });
      if (field.widget === "date") return el("input", { ...attributes, type: "date", value });
      if (field.widget === "money" || field.widget === "number") return el("div", { class: "with-unit" }, el("input", { ...attributes, inputmode: "decimal", value }), field.unit);
      if (["item", "select", "person"].includes(field.widget) || field.widget === "choice" && options(field, values).length > 5 || field.name === "tier")
        return el("select", { id, name: field.name }, el("option", { value: "" }, say("choose")), ...options(field, values).map(([v, label]) => el("option", { value: v, selected: v === value }, label)));
      return el("input", { ...attributes, type: "text", autocomplete: "off", value });
    };
    // What to write here, and wording that may be put in where the writing stands.
    const aids = (field, id) => [
      field.guide ? el("details", { class: "aid" }, el("summary", {}, say("guide")), el("dl", {}, ...[say("guide_write"), say("guide_law"), say("guide_example")].flatMap((title, n) => [el("dt", {}, title), el("dd", {}, field.guide[n])]))) : null,
      field.phrases?.length ? el("details", { class: "aid" }, el("summary", {}, `${say("phrases")} ${field.phrases.length}`), el("ul", {}, ...field.phrases.map(([text, basis]) => el("li", {}, el("p", {}, text), el("p", { class: "muted small" }, basis),
        el("button", { type: "button", class: "button", "aria-label": `${say("phrase_put")}：${text.slice(0, 20)}`, onclick: () => {
          const into = document.getElementById(id), at = into.selectionEnd ?? into.value.length, before = into.value.slice(0, at);
          into.setRangeText((before && !before.endsWith("\n") && into.tagName === "TEXTAREA" ? "\n" : "") + text, at, at, "end");
          into.dispatchEvent(new Event("input", { bubbles: true }));
          into.focus();
        } }, say("phrase_put")))))) : null].filter(Boolean);
    const row = (field, values) => {
      const id = `f-${field.name.replace(".", "-")}`, help = [field.help, field.cite && `（${field.cite}）`].filter(Boolean).join("");
      const inside = [];
      if (field.widget === "check") inside.push(el("label", { class: "tick" }, el("input", { type: "checkbox", id, name: field.name, checked: Boolean(values[field.name]) }), field.label));
      else if (MANY.includes(field.widget) || field.widget === "choice" && options(field, values).length <= 5 && field.name !== "tier")
        inside.push(el("fieldset", { class: "options" }, el("legend", { class: "label" }, field.label, field.required ? "" : ` ${say("optional")}`),
          ...options(field, values).map(([v, label]) => el("label", {}, el("input", { type: MANY.includes(field.widget) ? "checkbox" : "radio", name: field.name, value: v, checked: MANY.includes(field.widget) ? (values[field.name] || []).includes(v) : values[field.name] === v }), label))));
      else inside.push(el("label", { for: id }, field.label, field.required ? "" : el("span", { class: "optional" }, ` ${say("optional")}`)), input(field, values, id));
      if (help) inside.splice(1, 0, el("span", { class: "help", id: `${id}-help` }, help));
      if (field.name === "mode") inside.push(el("p", { class: "muted small", "data-law": "" }));
      inside.push(...aids(field, id));
      return el("div", { class: "field", "data-field": field.name }, ...inside);
    };
    const read = (form, fields) => Object.fromEntries(fields.map((f) => {
      if (f.widget === "check") return [f.name, Boolean($(`[name="${f.name}"]`, form)?.checked)];
      if (MANY.includes(f.widget)) return [f.name, $$(`[name="${f.name}"]:checked`, form).map((i) => i.value)];
      const one = $(`[name="${f.name}"]:checked, select[name="${f.name}"], textarea[name="${f.name}"], input[name="${f.name}"]:not([type="radio"])`, form);
      return [f.name, one ? one.value.trim() : ""];
    }));
    const shownFor = (field, values) => !field.show || field.show[1].includes(String(values[field.show[0]]));
    const conditions = (form, fields, values) => {
      const law = $("[data-law]", form);
      if (law) law.textContent = F.bundle.service[values.mode]?.law || "";
      fields.forEach((f) => { const box = $(`[data-field="${f.name}"]`, form); if (box) box.hidden = !shownFor(f, values); });
      for (const group of form.children) { const boxes = $$("[data-field]", group); if (boxes.length) group.hidden = boxes.every((b) => b.hidden); }
    };

    // --- drafts --------------------------------------------------------------------------------------
    const partyOf = (values) => Object.fromEntries(Object.entries(values).filter(([k, v]) => k.startsWith("party.") && v).map(([k, v]) => [k.slice(6), v]));
    const factsOf = (fields, values, paper) => Object.assign(paper ? { paper } : {}, Object.fromEntries(fields.filter((f) => !f.name.startsWith("party.") && shownFor(f, values)).map((f) => {
      const v = values[f.name];
      if (f.widget === "people") return [f.name, v.map(Number)];
      if (f.widget === "person") return [f.name, v && Number(v)];
      if (f.widget === "datetime") return [f.name, v && `${v}:00+08:00`];
      if (f.widget === "money") return [f.name, v || "0"];
      return [f.name, v];
    }).filter(([, v]) => v !== "" && v !== undefined)));
    const serves = (draft) => Boolean(draft.paper);
    // What proves a service lies among the draft's files: return slips, screens, photographs.
    const proofs = (draft) => (draft.files || []).filter((f) => f.proof);
    const actOf = (draft) => serves(draft) ? F.bundle.service[draft.values.mode]?.act || "" : spec(draft.verb).act;
    const waits = (draft) => caseOf(draft.dossier)?.serve.find((s) => s.paper === draft.paper);
    const byHand = (values) => ["direct", "leave"].includes(values.mode) && !values.failed;
    const fieldsOf = (draft) => [...draft.kind === "spot" ? PARTY() : [], ...spec(draft.verb).fields.filter((f) => !CLOSING.includes(f.name))];
    const defaults = (kind, c, paper) => {
      const now = F.now(), me = String(F.bundle.me.person), values = { officers: F.bundle.officers.some((o) => String(o.id) === me) ? [me] : [], place: c?.place || "" };
      if (kind === "spot") return { ...values, act_on: F.china(now).day, kinds: [] };
      if (paper) return { ...values, mode: "direct", served_on: F.china(now).day };
      return { ...values, began_at: F.input(now - 30 * 60e3), ended_at: F.input(now) };
    };
    const draftOf = async (kind, verb, dossier, paper = 0) => {
      const found = (await store.items()).find((i) => i.state === "draft" && i.kind === kind && i.verb === verb && (i.paper || 0) === paper && (kind === "spot" || i.dossier === dossier));
      if (found) return found;
      const c = dossier && caseOf(dossier);
      return store.keep({ key: F.random(16), state: "draft", kind, verb, dossier, paper, title: c ? `${spec(verb).papers[0] || spec(verb).label} ${c.number}` : say("spot_title"), values: defaults(kind, c, paper), records: [], files: [], signatures: [] });
    };

    own.form = async (dossier, verb, paper) => open(await draftOf("step", verb, Number(dossier), Number(paper || 0)));
    const served = (draft) => caseOf(draft.dossier)?.serve.find((s) => s.paper === draft.paper)?.title || "";
    own.spot = async (key) => {
      const draft = key ? await store.item(key) : await draftOf("spot", "spot_decide", null);
      if (!draft || draft.state !== "draft") { location.hash = "#/queue"; return null; }
      if (!draft.number) {
        draft.number = (await F.freeNumbers())[0] || null;
        if (draft.number) await store.keep(draft);
      }
      return open(draft);
    };
    const open = async (draft) => {
      const made = spec(draft.verb), form = node("form"), all = fieldsOf(draft), number = node("form-number");
      node("form-about").textContent = `${draft.dossier ? caseOf(draft.dossier)?.number || "" : ""} ${made.label} ${served(draft)}（${made.citation}）`;
      number.hidden = draft.kind !== "spot";
      number.textContent = draft.number ? `${say("number_word")} ${draft.number.text}` : say("numbers_none");
      const build = () => {
        const groups = new Map();
        all.forEach((f) => groups.set(f.group, [...groups.get(f.group) || [], f]));
        form.replaceChildren(...[...groups].map(([title, fields]) => el("fieldset", {}, title ? el("legend", {}, title) : null, ...fields.map((f) => row(f, draft.values)))));
        conditions(form, all, draft.values);
      };
      build();
      recorded(draft, made);
      let timer = 0;
      const save = async () => { clearTimeout(timer); timer = 0; const kept = await store.item(draft.key); if (!kept) return; await store.keep({ ...kept, values: draft.values, excuse: draft.excuse, number: draft.number }); node("form-saved").textContent = `${say("draft_saved")} ${F.china(F.now()).time}:${F.china(F.now()).seconds}`; };
      form.oninput = form.onchange = (event) => {
        Object.assign(draft.values, read(form, all));
        if (event.type === "change" && event.target.name === "item_code") {
          const item = itemOf(draft.values.item_code);
          if (item) Object.assign(draft.values, { law_basis: item.basis, cause: draft.values.cause || item.name, tier: "" });
          build();
        }
        conditions(form, all, draft.values);
        if (event.type === "change" && event.target.name === "mode") recorded(draft, made);
        clearTimeout(timer); timer = setTimeout(save, 400);
      };
      node("form-recording").oninput = (event) => { draft.excuse = event.target.value.trim(); clearTimeout(timer); timer = setTimeout(save, 400); };
      form.onsubmit = (event) => event.preventDefault();
      node("form-next").onclick = async () => {
        await save();
        const wrong = problems(draft, all, made);
        $$(".field", form).forEach((box) => { box.classList.remove("invalid"); $(".field-error", box)?.remove(); });
        for (const [name, text] of wrong.fields) { const box = $(`[data-field="${name}"]`, form); box?.classList.add("invalid"); box?.prepend(el("span", { class: "field-error" }, text)); }
        if (wrong.fields.length) $(".invalid", form)?.scrollIntoView({ block: "center" });
        if (wrong.other.length) return F.tell(wrong.other.join("；"), true);
        if (!wrong.fields.length) location.hash = `#/sign/${draft.key}`;
        return null;
      };
      return () => { if (timer) save(); };
    };
    const queued = (draft) => store.items().then((items) => items.filter((i) => i.kind === "record" && i.envelope.dossier === draft.dossier && i.envelope.records[0].act === actOf(draft)));
    const recorded = async (draft, made) => {
      const rule = F.bundle.recording.acts[actOf(draft)], box = node("form-recording"), own = serves(draft) ? proofBox(draft, made) : [];
      if (!rule) { box.replaceChildren(...own); return; }
      const count = draft.kind === "spot" ? draft.records.filter((r) => r.kind === "recording").length : (await queued(draft)).length;
      box.replaceChildren(...own, el("p", { class: "strong" }, `${rule.label}：${rule.mode_label}`), el("p", { class: "muted" }, rule.citation), el("p", {}, say("attach_n", { n: count })),
        el("div", { class: "buttons" }, el("a", { class: "button", href: `#/record/${draft.kind === "spot" ? draft.key : draft.dossier}/${actOf(draft)}` }, say("kind_recording")),
          el("a", { class: "button", href: `#/photo/${draft.kind === "spot" ? draft.key : draft.dossier}` }, say("kind_evidence"))),
        el("label", { for: "form-excuse" }, say("excuse"), el("span", { class: "optional" }, ` ${say("optional")}`)), el("input", { id: "form-excuse", maxlength: "500", value: draft.excuse || "" }));
    };
    const proofBox = (draft, made) => {
      const change = async (edit) => {
        const kept = await store.item(draft.key);
        kept.files = edit(kept.files || []);
        await store.keep(kept);
        draft.files = kept.files;
        recorded(draft, made);
      };
      return [el("label", { for: "form-proof" }, say("proof"), el("span", { class: "help" }, say("proof_help"))),
        el("input", { id: "form-proof", type: "file", accept: "image/*,application/pdf", multiple: "", onchange: async (event) => {
          const taken = [];
          for (const one of event.target.files) taken.push({ ...await store.putBlob(one), type: one.type, name: one.name.slice(-120), proof: true });
          if (taken.length) await change((files) => [...files, ...taken]);
        } }),
        el("ul", { class: "plain lines", "data-proofs": "" }, ...proofs(draft).map((f) => el("li", {}, `${f.name} · ${F.bytes(f.size)} `, el("span", { class: "mono small" }, f.sha256.slice(0, 16)), " ",
          el("button", { type: "button", class: "button", onclick: async () => { await store.dropBlob(f); await change((files) => files.filter((one) => one.blob !== f.blob)); } }, say("drop")))))];
    };
    // What the law asks of each way to serve, told before anything is signed; the server judges again.
    const needed = (v, wrong) => (name) => { if (!v[name] && !wrong.fields.some(([n]) => n === name)) wrong.fields.push([name, say("required")]); };
    const serviceProblems = (draft, wrong) => {
      const v = draft.values, need = needed(v, wrong);
      const hands = byHand(v) ? F.bundle.limits.officers : 1;
      if ((v.officers || []).length < hands) wrong.fields.push(["officers", say("officers_need", { n: hands })]);
      if (v.failed) return need("notice_reason");
      ({ direct: ["receiver", "relation"], leave: ["refusal"], mail: ["tracking"], public_notice: ["notice_reason", "notice_place"] }[v.mode] || []).forEach(need);
      if (v.mode === "leave" && !v.witness && !(v.at_residence && proofs(draft).length)) wrong.other.push(say("leave_need"));
      if (v.mode === "mail" && !proofs(draft).length) wrong.other.push(say("slip_need"));
      if (v.mode === "electronic" && !caseOf(draft.dossier)?.e_service) wrong.other.push(say("consent_need"));
      if (v.mode === "public_notice" && !v.whereabouts_unknown && !waits(draft)?.tried.length) wrong.other.push(say("last_resort"));
      return null;
    };
    const fen = (text) => /^\d{1,9}(\.\d{1,2})?$/.test(text) ? Math.round(Number(text) * 100) : NaN;
    const problems = (draft, fields, made) => {
      const v = draft.values, wrong = { fields: [], other: [] }, need = needed(v, wrong);
      for (const f of fields) {
        if (!shownFor(f, v) || f.widget === "check") continue;
        const value = v[f.name], empty = Array.isArray(value) ? !value.length : !value;
        if (f.widget === "people" && (value || []).length < made.officers) wrong.fields.push([f.name, say("officers_need", { n: made.officers })]);
        else if (f.required && empty && !(f.demanded && v.failed)) wrong.fields.push([f.name, say("required")]);
      }
      // Dress that was not worn has its reason; what was explained is whole: what, by whom, when, and the answer.
      const faced = fields.filter((f) => f.name.startsWith("explained") && shownFor(f, v)).map((f) => f.name);
      if (v.dress === "not_worn") need("dress_note");
      if (faced.some((name) => v[name])) faced.forEach(need);
      if (serves(draft)) serviceProblems(draft, wrong);
      if (draft.kind !== "spot") return wrong;
      // What the phone can tell now, so that no paper is handed over that will be refused later.
      const limits = F.bundle.limits, side = standard(partyOf(v)), amount = v.fine_yuan ? fen(v.fine_yuan) : 0, limit = limits[`${side}_fen`];
      if (!draft.number) wrong.other.push(say("numbers_none"));
      if (Number.isNaN(amount) || (v.kinds || []).includes("03") !== amount > 0) wrong.fields.push(["fine_yuan", say("fine_need")]);
      else if (amount > limit) wrong.fields.push(["fine_yuan", say(`over_${side}`, { yuan: limit / 100, law: limits.citation })]);
      if (v.collected && v.collect_reason === "small" && amount > limits.collect_fen) wrong.fields.push(["collect_reason", say("collect_over", { yuan: limits.collect_fen / 100 })]);
      if (!v.card_shown || !v.told) wrong.other.push(say("told_need"));
      const rule = F.bundle.recording.acts[made.act];
      if (rule && rule.mode !== "optional" && !draft.records.some((r) => r.kind === "recording") && !(draft.excuse || "").trim()) wrong.other.push(say("record_need", { mode: rule.mode_label }));
      return wrong;
    };

    // --- the text that is shown, hashed and signed --------------------------------------------------
    const labelled = (field, values) => {
      const v = values[field.name];
      if (field.widget === "check") return say(v ? "yes" : "no");
      if (field.widget === "people") return people(v).map((o) => `${o.name}（${o.certificate}）`).join("、");
      if (["checks", "choice", "item", "select", "person"].includes(field.widget)) return [v].flat().map((one) => (options(field, values).find(([o]) => o === one) || [0, one])[1]).join("、");
      if (field.widget === "datetime") return chinese(v);
      return field.unit && v ? `${v} ${field.unit}` : v;
    };
    const lines = (draft, fields) => fields.filter((f) => shownFor(f, draft.values)).map((f) => [f.label, labelled(f, draft.values)]).filter(([, text]) => text);
    const spotLines = (draft) => {
      const v = draft.values, p = partyOf(v), body = F.bundle.body, fine = fen(v.fine_yuan || "0") > 0, kinds = labelled(spec(draft.verb).fields.find((f) => f.name === "kinds"), v);
      const pay = v.collected ? `当场收缴，已出具财政部门统一制发的专用票据，票据号码：${v.receipt}。`
        : fine ? `自收到本决定书之日起十五日内，到${body.payee_bank}${body.payee_address ? `（地址：${body.payee_address}）` : ""}或者通过电子支付系统缴纳罚款。到期不缴纳的，每日按罚款数额的百分之三加处罚款，加处罚款的数额不超出罚款的数额。` : "当场履行。";
      return { lines: [["当事人", p.name], ["证件号码、统一社会信用代码", p.credit_code || p.id_number || ""], ["法定代表人（负责人）", p.representative || ""], ["住所（住址）", p.address || ""], ["联系电话", p.phone || ""],
        ["违法行为发生时间", v.act_on], ["地点", v.place], ["违法行为", v.facts_found], ["违反的规定", v.law_violated], ["处罚种类", kinds], ["处罚依据", v.law_basis], ["处罚内容", fine ? `罚款人民币 ${v.fine_yuan} 元` : kinds], ["履行方式、期限", pay],
        ["陈述申辩", v.statement || "当事人未提出陈述、申辩。"], ["执法人员", people(v.officers).map((o) => `${o.name}（执法证号：${o.certificate}）`).join("、")]].filter(([, text]) => text),
      foot: ["作出本决定前，执法人员已向当事人出示执法证件，口头告知拟作出的行政处罚内容及事实、理由、依据，以及依法享有的陈述、申辩权利。",
        `依据《中华人民共和国行政复议法》第二十三条第一款第（一）项的规定，对当场作出的本行政处罚决定不服的，应当先自收到本决定书之日起六十日内向${body.government}申请行政复议；对行政复议决定不服的，可以再自收到行政复议决定书之日起十五日内依法向人民法院提起行政诉讼。行政复议申请也可以通过本机关提交。`,
        `${body.name}　${F.china(F.now()).day}`] };
    };
    const content = (draft) => {
      const fields = fieldsOf(draft), spot = draft.kind === "spot", now = F.now();
      const shown = spot ? { title: "当场行政处罚决定书", ...spotLines(draft) } : { title: spec(draft.verb).papers[0] || spec(draft.verb).label, lines: [...serves(draft) ? [[say("served_paper"), served(draft)]] : [], ...lines(draft, fields), ...draft.values.mode === "electronic" && serves(draft) ? [[say("e_address"), caseOf(draft.dossier)?.e_service?.address || ""]] : [], ...proofs(draft).map((f) => [say("proof"), `${f.name} SHA-256 ${f.sha256}`])], foot: [] };
      return JSON.stringify({ v: 1, kind: draft.kind, verb: draft.verb, dossier: draft.dossier || null, number: draft.number ? { block: draft.number.block, seq: draft.number.seq, text: draft.number.text } : null,
        party: spot ? partyOf(draft.values) : null, facts: factsOf(fields, draft.values, draft.paper), shown, ...proofs(draft).length ? { proofs: proofs(draft).map((f) => f.sha256) } : {}, at: F.iso(now), nonce: F.random(8) });
    };
    const paper = (target, text, signatures = []) => {
      const { shown, number } = JSON.parse(text);
      target.replaceChildren(el("h2", {}, shown.title), ...number ? [el("p", { class: "number" }, number.text)] : [], el("dl", {}, ...shown.lines.flatMap(([k, v]) => [el("dt", {}, k), el("dd", {}, v)])), ...(shown.foot || []).map((t) => el("p", {}, t)),
        ...signatures.map((s) => el("p", {}, `${s.who}：${say(s.outcome)} ${s.note || ""}`)));
    };

    // --- signing ---------------------------------------------------------------------------------------
    const signHere = (title, hash) => new Promise((done) => {
      const dialog = node("pad");
      node("pad-title").textContent = title; node("pad-hash").textContent = `${say("content_hash")} ${hash}`;
      dialog.showModal();
      const pad = new F.Pad(node("pad-canvas"));
      F.pad = pad;
      const end = (value) => { dialog.close(); done(value); };
      node("pad-clear").onclick = () => pad.clear();
      node("pad-cancel").onclick = dialog.oncancel = () => end(null);
      node("pad-done").onclick = () => { if (pad.points > 5) end(pad); };
    });
    own.sign = async (key) => {
      const draft = await store.item(key);
      if (!draft || draft.state !== "draft") { location.hash = "#/queue"; return; }
      // The same facts again keep their text and their signatures; others need new ones.
      const now = JSON.stringify([factsOf(fieldsOf(draft), draft.values, draft.paper), partyOf(draft.values), draft.number, proofs(draft).map((f) => f.sha256)]);
      if (draft.signedFacts !== now) {
        if (draft.signatures.length) F.tell(say("changed_again"), true);
        Object.assign(draft, { signedFacts: now, content: content(draft), signatures: [] });
        await store.keep(draft);
      }
      // Left with a witness: the recipient has refused, as the form says. Another may receive for them.
      const values = draft.values, left = serves(draft) && values.mode === "leave" && !values.failed, away = serves(draft) && !byHand(values), other = !left && /家属|代收|代理/.test(values.relation || "");
      const hash = await F.digest(F.utf8(draft.content)), party = partyOf(draft.values).name || !left && values.receiver || draft.values.respondent || draft.values.attendee || caseOf(draft.dossier)?.party || say("party");
      paper(node("sign-paper"), draft.content);
      node("sign-hash").textContent = `${say("content_hash")} ${hash}`;
      node("sign-confirm").textContent = spec(draft.verb).confirm;
      const wanted = [...away ? [] : [{ kind: serves(draft) && other ? "other" : "party", name: party, who: `${say(serves(draft) ? "receiver" : "party")} ${party}` }], ...left && values.witness ? [{ kind: "witness", name: values.witness, who: `${say("witness")} ${values.witness}` }] : [], ...people(draft.values.officers).map((o) => ({ kind: "officer", name: o.name, who: `${say("officer")} ${o.name}` })),
        ...draft.signatures.filter((s) => s.kind === "witness" && !(left && s.name === values.witness)).map((s) => ({ kind: "witness", name: s.name, who: `${say("witness")} ${s.name}` }))];
      const given = (w) => draft.signatures.find((s) => s.kind === w.kind && s.name === w.name);
      const put = async (w, more) => {
        const fresh = await store.item(key);
        fresh.signatures = [...fresh.signatures.filter((s) => !(s.kind === w.kind && s.name === w.name)), { kind: w.kind, name: w.name, who: w.who, at: F.iso(F.now()), content_sha256: hash, note: "", ...more }];
        await store.keep(fresh);
        F.show();
      };
      const sign = async (w) => {
        const pad = await signHere(say("sign_for", { who: w.who }), hash);
        if (!pad) return;
        const blob = await pad.png({ content_sha256: hash, kind: w.kind, name: w.name, at: F.iso(F.now()) });
        await put(w, { outcome: "signed", file: { ...await store.putBlob(blob), type: "image/png", name: `签名-${w.name}.png` } });
      };
      const decline = async (w, outcome) => {
        const note = await F.askPerson(`${w.who} ${say(outcome)}。${say("note_need")}`, true);
        if (note) await put(w, { outcome, note });
      };
      if (left && !given(wanted[0])) { await put(wanted[0], { outcome: "refused", note: values.refusal }); return; }
      list(node("signers"), wanted.map((w) => el("li", {}, el("p", { class: "strong" }, w.who), given(w) ? el("p", { class: "ok-text strong" }, `${say(given(w).outcome)} ${given(w).note}`) : null,
        left && w === wanted[0] ? null : el("div", { class: "buttons" }, el("button", { type: "button", class: "button primary", "aria-label": say("sign_for", { who: w.who }), onclick: () => sign(w) }, say("sign")),
          w.kind === "party" && !serves(draft) ? el("button", { type: "button", class: "button", onclick: () => decline(w, "refused") }, say("refused")) : null,
          w.kind === "party" && draft.kind !== "spot" && !serves(draft) ? el("button", { type: "button", class: "button", onclick: () => decline(w, "absent") }, say("absent")) : null))), "");
      node("sign-witness").onclick = async () => {
        const name = await F.askPerson(say("witness_name"), true);
        if (name) await sign({ kind: "witness", name, who: `${say("witness")} ${name}` });
      };
      node("sign-submit").onclick = async () => {
        const missing = wanted.filter((w) => !given(w));
        if (missing.length) return F.tell(say("sign_all", { who: missing.map((w) => w.who).join("、") }), true);
        return submit(await store.item(key), wanted.length ? given(wanted[0]) : null);
      };
    };
    const submit = async (draft, party) => {
      const files = [...draft.files], signatures = draft.signatures.map(({ who, file, ...s }) => ({ ...s, file: file ? files.push(file) - 1 : null }));
      const text = JSON.parse(draft.content), waiting = (await store.items()).filter((i) => i.kind === "step" && i.envelope?.dossier === draft.dossier && ["waiting", "problem"].includes(i.state)).length;
      const title = draft.kind === "spot" ? `${say("spot_title")} ${draft.number.text}` : draft.title;
      const proved = files.flatMap((f, place) => f.proof ? [place] : []);
      const sent = envelope(draft.kind, title, {
        key: draft.key, occurred_at: text.at, dossier: draft.dossier || null, expected: draft.dossier ? caseOf(draft.dossier).taken + waiting : null,
        content: draft.content, closing: !spec(draft.verb).fields.some((f) => f.name === "signature") ? {} : { signature: party.outcome, ...party.outcome !== "signed" ? { signature_note: party.note } : {} }, records: draft.records, signatures, ...proved.length ? { proofs: proved } : {},
        excuse: draft.excuse && F.bundle.recording.acts[actOf(draft)] ? { act: actOf(draft), ground: "objective", reason: draft.excuse } : null });
      await store.keep({ key: draft.key, order: draft.order, state: "waiting", kind: draft.kind, dossier: draft.dossier, number: draft.number, title, envelope: sent, files, shownSignatures: draft.signatures.map((s) => ({ who: s.who, outcome: s.outcome, note: s.note })) });
      F.tell(say("submitted"));
      F.refreshBar(); F.sync();
      location.replace(draft.kind === "spot" ? `#/paper/${draft.key}` : `#/case/${draft.dossier}`);
    };

    own.paper = async (key) => {
      const item = await store.item(key);
      if (!item?.envelope) { location.hash = "#/queue"; return; }
      const hash = await F.digest(F.utf8(item.envelope.content)), code = F.base32(F.unhex(hash).subarray(0, 10)).toUpperCase();
      paper(node("paper"), item.envelope.content, item.shownSignatures || []);
      F.drawQr(node("paper-qr"), `${F.bundle.public_url || location.origin}/verify/${code}`);
      node("paper-hash").textContent = `${say("content_hash")} ${hash}`;
      node("paper-print").onclick = () => window.print();
    };
    return own;
  };
})();
