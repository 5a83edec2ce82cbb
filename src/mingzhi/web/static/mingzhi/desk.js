/* Step forms: fields that depend on others, drafts on the server, session check before sending.
   Without this file every field is shown and the form works. */
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Fields with data-show appear only while the field they hang on has one of the values.
  const valueOf = (form, name) => {
    const fields = $$(`[name="${name}"]`, form);
    if (!fields.length) return "";
    if (fields[0].type === "radio") return (fields.find((f) => f.checked) || {}).value || "";
    if (fields[0].type === "checkbox") return fields[0].checked ? "true" : "false";
    return fields[0].value;
  };
  const arrange = (form) => {
    for (const box of $$("[data-show]", form)) {
      const wanted = box.dataset.showValues.split("|");
      box.hidden = !wanted.includes(valueOf(form, box.dataset.show)) && !$(".field-error", box);
    }
    for (const group of $$("fieldset", form)) {
      const parts = $$(":scope > .field", group);
      if (parts.length && $(":scope > legend", group)) group.hidden = parts.every((p) => p.hidden);
    }
  };

  // Long lists get a box that narrows them.
  const filterable = (select) => {
    if (select.options.length < 12) return;
    const box = Object.assign(document.createElement("input"), { type: "search", className: "filter-box" });
    box.placeholder = "输入文字筛选";
    box.setAttribute("aria-label", "输入文字筛选");
    const all = [...select.options].map((o) => [o.value, o.text]);
    box.addEventListener("input", () => {
      const word = box.value.trim(), kept = select.value;
      select.replaceChildren(...all.filter(([v, t]) => !v || v === kept || t.includes(word)).map(([v, t]) => new Option(t, v, false, v === kept)));
    });
    select.before(box);
  };

  const autosave = (form) => {
    const note = $("[data-draft-note]", form);
    let timer = 0, dirty = false, busy = false, again = false;
    // One after the other, as a slow answer must not put older words over newer ones; none once the form is sent,
    // as the step forgets its draft.
    const save = () => {
      again = busy;
      if (busy || form.dataset.sent) return;
      busy = true;
      const body = new FormData(form);
      for (const [name, value] of [...body.entries()]) if (value instanceof File) body.delete(name);
      fetch(form.dataset.autosave, { method: "POST", body, headers: { Accept: "application/json", "X-Background": "1" } })
        .then((answer) => { if (!answer.ok) throw answer; return answer.json(); })
        .then((said) => { dirty = false; note.textContent = `${form.dataset.savedWord} ${said.saved}`; })
        .catch((answer) => { note.textContent = answer && answer.status === 401 ? form.dataset.lostWord : form.dataset.offlineWord; })
        .finally(() => { busy = false; if (again) save(); });
    };
    form.addEventListener("input", () => { dirty = true; delete form.dataset.sent; clearTimeout(timer); timer = setTimeout(save, 900); });
    window.addEventListener("pagehide", () => { if (dirty && !form.dataset.sent) navigator.sendBeacon(form.dataset.autosave, new FormData(form)); });
  };

  // Before a step is sent: is the person still logged in? The fresh token goes into the form.
  const guard = (form) => {
    form.addEventListener("submit", (event) => {
      if (event.submitter && event.submitter.hasAttribute("data-preview")) { $(".step-split").classList.add("previewing"); const box = $("[data-preview-box]"); box.hidden = false; box.scrollIntoView({ block: "nearest" }); event.stopPropagation(); return; }
      form.dataset.sent = "1";
      if (form.dataset.checked) return;
      event.preventDefault(); event.stopImmediatePropagation();
      const submitter = event.submitter;
      const go = () => {
        form.dataset.checked = "1";
        if (submitter) submitter.dataset.confirmed = "1";
        form.requestSubmit(submitter || undefined);
        delete form.dataset.checked;
      };
      fetch(form.dataset.token, { headers: { Accept: "application/json" } })
        .then((answer) => { if (!answer.ok) throw answer; return answer.json(); })
        .then((said) => { $("[name=csrfmiddlewaretoken]", form).value = said.csrf; go(); })
        .catch((answer) => {
          if (!(answer && answer.status === 401)) { go(); return; }
          delete form.dataset.sent;
          const box = $("#messages");
          box.textContent = "";
          const note = Object.assign(document.createElement("div"), { className: "note late", textContent: `${form.dataset.lostWord} ` });
          note.setAttribute("role", "alert");
          note.append(Object.assign(document.createElement("a"), { href: "/login/", target: "_blank", rel: "noopener", textContent: "登录" }));
          box.append(note); window.scrollTo(0, 0);
        });
    }, true);
  };

  // Standard wording, where the writing stands.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-phrase]");
    if (!button) return;
    const field = document.getElementById(button.dataset.into), at = field.selectionEnd ?? field.value.length;
    const before = field.value.slice(0, at), text = (before && !before.endsWith("\n") && field.tagName === "TEXTAREA" ? "\n" : "") + button.dataset.phrase;
    field.setRangeText(text, at, at, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });

  // What the benchmark led to, into the fields.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-discretion-fill]");
    if (!button) return;
    const found = button.closest("[data-tier]"), tier = found.dataset.tier, fine = found.dataset.fine;
    const choice = document.getElementsByName("tier");
    for (const one of choice) { if (one.type === "radio") one.checked = one.value === tier; else one.value = tier; }
    const money = document.getElementById("fine_yuan");
    if (fine && money) money.value = (Number(fine) / 100).toFixed(2);
    (money || button).dispatchEvent(new Event("input", { bubbles: true }));
    (money || button).focus();
  });
  document.addEventListener("htmx:afterSwap", () => $$("[data-discretion-fill]").forEach((b) => { b.hidden = false; }));

  const start = () => {
    $$("[data-phrase]").forEach((b) => { b.hidden = false; });
    for (const form of $$("form")) {
      if ($("[data-show]", form)) { arrange(form); form.addEventListener("input", () => arrange(form)); form.addEventListener("change", () => arrange(form)); }
    }
    const form = $("#step-form");
    const preview = $("[data-preview-box]");
    if (preview) preview.hidden = true;
    if (form) { guard(form); autosave(form); $$("[data-filterable]", form).forEach(filterable); }
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();
})();
