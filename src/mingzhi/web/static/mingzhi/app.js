/* Small helps only: every page works without this file. No inline script anywhere (CSP: 'self'). */
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const words = (name) => document.body.dataset[name] || "";

  // `/` brings the cursor into the search box, as the hint in the box says.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(input|textarea|select)$/i.test(event.target.tagName) || event.target.isContentEditable) return;
    const box = $("[data-search]");
    if (box) { event.preventDefault(); box.focus(); box.select(); }
  });

  // Menus close on Escape and on a click elsewhere.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") $$("details.menu[open]").forEach((menu) => { menu.open = false; $("summary", menu).focus(); });
  });
  document.addEventListener("click", (event) => {
    $$("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });

  // The summary of a refusal leads to the field itself: by its id, else by its name (radio buttons have an id each),
  // out of whatever is folded over it.
  const CONTROL = "input:not([type=hidden]), select, textarea";
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".error-summary a[href^='#']");
    if (!link) return;
    const key = decodeURIComponent(link.hash.slice(1));
    const known = [document.getElementById(key), ...$$(CONTROL).filter((field) => field.name === key)].filter(Boolean);
    const seen = (fields) => fields.find((field) => field.getClientRects().length) || fields[0];
    const found = seen(known); // not one of a form that is folded away
    if (!found) return;
    event.preventDefault();
    for (let over = found.closest("details"); over; over = over.parentElement.closest("details")) over.open = true;
    const field = found.matches(CONTROL) ? found : seen($$(CONTROL, found)) || found;
    field.focus();
    field.scrollIntoView({ block: "center" });
  });

  // A dangerous step asks once and says what follows.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-confirm]");
    if (!button || button.dataset.confirmed) return;
    const dialog = $("#confirm");
    if (!dialog || !dialog.showModal) return;
    event.preventDefault(); event.stopImmediatePropagation();
    $("[data-confirm-text]", dialog).textContent = button.dataset.confirm;
    $("[data-confirm-yes]", dialog).textContent = button.textContent.trim();
    dialog.returnValue = "";
    dialog.addEventListener("close", () => {
      if (dialog.returnValue === "yes") { button.dataset.confirmed = "1"; button.click(); delete button.dataset.confirmed; }
      else button.focus();
    }, { once: true });
    dialog.showModal();
  }, true);

  // One click, one submission. A form that opens a window of its own stays: there another button is meant at once.
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    const form = event.target, stays = form.target === "_blank", button = `button ${stays ? event.submitter?.name || "" : ""}`;
    if (form.dataset.sending === button) { event.preventDefault(); return; }
    if (form.method !== "post" || form.hasAttribute("hx-post")) return;
    form.dataset.sending = button;
    setTimeout(() => { if (form.dataset.sending === button) delete form.dataset.sending; }, stays ? 1000 : 8000);
  });
  window.addEventListener("pageshow", () => $$("form[data-sending]").forEach((form) => { delete form.dataset.sending; }));

  // Log-out from any page makes the field face of this browser forget its key and what it took along.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.getAttribute("action") !== "/logout/" || form.dataset.forgotten || !window.indexedDB?.databases) return;
    event.preventDefault(); event.stopImmediatePropagation();
    const leave = () => { form.dataset.forgotten = "1"; form.submit(); };
    indexedDB.databases().then((all) => {
      if (!all.some((one) => one.name === "mingzhi-field")) return leave();
      const asked = indexedDB.open("mingzhi-field");
      asked.onerror = leave;
      asked.onsuccess = () => {
        const deal = asked.result.transaction(["keys", "sealed"], "readwrite");
        deal.objectStore("keys").clear(); deal.objectStore("sealed").clear();
        deal.oncomplete = deal.onerror = deal.onabort = () => { asked.result.close(); leave(); };
      };
    }).catch(leave);
  }, true);

  // Drafts: kept while typing, offered again, dropped once the form went through. Of somebody logged in on this
  // machine; of anybody else in this tab only: the next person at a public screen must not read a complaint.
  const drafts = () => (words("person") ? localStorage : sessionStorage);
  const kept = (form) => `draft:${words("person")}:${form.dataset.draft}`;
  const skip = (field) => !field.name || field.name === "csrfmiddlewaretoken" || /^(password|file|hidden|submit|button)$/.test(field.type);
  const take = (form) => {
    const values = {};
    for (const field of form.elements) {
      if (skip(field)) continue;
      if (/^(checkbox|radio)$/.test(field.type)) { if (field.checked) (values[field.name] ||= []).push(field.value); }
      else if (field.value !== field.defaultValue || field.tagName === "SELECT") (values[field.name] ||= []).push(field.value);
    }
    return values;
  };
  const fill = (form, values) => {
    for (const field of form.elements) {
      if (skip(field) || !(field.name in values)) continue;
      if (/^(checkbox|radio)$/.test(field.type)) field.checked = values[field.name].includes(field.value);
      else field.value = values[field.name][0];
    }
  };
  const watch = (form) => {
    const key = kept(form), note = $("[data-draft-note]", form) || form.appendChild(Object.assign(document.createElement("p"), { className: "draft-note" }));
    note.setAttribute("role", "status");
    let timer = 0;
    try {
      const saved = JSON.parse(drafts().getItem(key) || "null");
      if (saved && !$(".field-error", form) && Object.keys(saved.values).length) {
        fill(form, saved.values);
        note.textContent = `${words("draftRestored")} ${new Date(saved.at).toLocaleString("zh-CN", { hour12: false })} `;
        const drop = Object.assign(document.createElement("button"), { type: "button", className: "button link small", textContent: words("draftDrop") });
        drop.addEventListener("click", () => { drafts().removeItem(key); form.reset(); note.textContent = ""; });
        note.append(drop);
      }
    } catch { /* a full or forbidden store must not stop the form */ }
    const save = () => {
      const values = take(form), at = Date.now();
      try { drafts().setItem(key, JSON.stringify({ at, values })); note.textContent = `${words("draftSaved")} ${new Date(at).toLocaleTimeString("zh-CN", { hour12: false })}`; } catch { /* see above */ }
      if (form.dataset.draftUrl) fetch(form.dataset.draftUrl, { method: "POST", headers: { "X-CSRFToken": words("csrf"), "X-Background": "1" }, body: new FormData(form) }).catch(() => {});
    };
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(save, 600); });
    form.addEventListener("submit", () => { clearTimeout(timer); save(); sessionStorage.setItem("sent", key); });
  };
  const start = (root) => {
    const sent = sessionStorage.getItem("sent");
    if (sent) {
      const failed = $$("form[data-draft]").some((form) => kept(form) === sent && $(".field-error, .error-summary", form)) || document.body.dataset.status;
      if (!failed) drafts().removeItem(sent);
      sessionStorage.removeItem("sent");
    }
    $$("form[data-draft]", root).forEach((form) => { if (!form.dataset.watched) { form.dataset.watched = "1"; watch(form); } });
    stack(root);
    const summary = $(".error-summary", root);
    if (summary) summary.focus();
  };

  // On a narrow screen the rows of a table that does not fit read as lists: each cell says which column it stands
  // in (see app.css). One that fits, or nearly, stays a table: figures are compared down a column.
  const narrow = matchMedia("(max-width: 560px)");
  const fits = (table) => {
    const room = table.parentElement.clientWidth; // none while it is folded away
    table.classList.add("unwrapped");
    const needed = table.offsetWidth;
    table.classList.replace("unwrapped", "fitted");
    return room > 0 && needed <= 1.3 * room && table.offsetWidth <= room;
  };
  const stack = (root) => {
    for (const table of $$(".table-wrap table, .plain-table", root)) {
      const rows = $$("thead tr", table), heads = rows.length === 1 ? [...rows[0].cells] : [];
      if (!heads.length || heads.some((head) => head.colSpan > 1)) continue;
      table.classList.remove("stacks", "fitted");
      if (!narrow.matches || fits(table)) continue;
      table.classList.replace("fitted", "stacks");
      for (const row of $$("tbody tr", table)) {
        if (row.cells.length !== heads.length) continue;
        [...row.cells].forEach((cell, n) => { if (!$(".visually-hidden", heads[n])) cell.dataset.label = heads[n].textContent.trim(); });
      }
    }
  };
  narrow.addEventListener("change", () => stack(document));

  // A column that scrolls by itself is reached by the keyboard too.
  const scrolls = () => { for (const aside of document.querySelectorAll(".split > .aside")) { if (aside.scrollHeight > aside.clientHeight + 1 && getComputedStyle(aside).overflowY === "auto") aside.tabIndex = 0; else aside.removeAttribute("tabindex"); } };
  document.addEventListener("DOMContentLoaded", scrolls);
  window.addEventListener("resize", scrolls);
  document.addEventListener("htmx:afterSettle", scrolls);

  // Selects marked so send their form at once (filters, language).
  document.addEventListener("change", (event) => { if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit(); });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-print]")) window.print(); });

  // Paper folds nothing away: what is shut on the screen is printed whole, and shut again after.
  let opened = [];
  window.addEventListener("beforeprint", () => { opened = [...document.querySelectorAll(".public-main details:not([open]), details.card:not([open])")]; for (const one of opened) one.open = true; });
  window.addEventListener("afterprint", () => { for (const one of opened) one.open = false; opened = []; });

  document.addEventListener("htmx:configRequest", (event) => { event.detail.headers["X-CSRFToken"] = words("csrf"); });
  document.addEventListener("htmx:load", (event) => start(event.target));
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => start(document)); else start(document);
})();
