// Makes pages quicker; every page is whole without it.

// A form's address names only what was filled in.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "get") return;
  for (const field of event.target.elements) {
    if (field.name && field.value === "") {
      field.disabled = true;
      // The form is whole again when the visitor comes back to it.
      setTimeout(() => (field.disabled = false));
    }
  }
});
document.addEventListener("htmx:configRequest", (event) => {
  const fields = event.detail.formData;
  for (const name of new Set(fields.keys())) {
    const filled = fields.getAll(name).filter((value) => value !== "");
    fields.delete(name);
    filled.forEach((value) => fields.append(name, value));
  }
});

// What only works with a script is there only with it.
function unfold(root) {
  root.querySelectorAll("[hidden] > [data-copy], [hidden] > [data-keys]").forEach((button) => (button.parentElement.hidden = false));
}
unfold(document);
document.addEventListener("htmx:load", (event) => unfold(event.target));

document.addEventListener("click", (event) => {
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    const text = copy.dataset.copy ? document.getElementById(copy.dataset.copy).textContent : location.href;
    navigator.clipboard.writeText(text).then(() => {
      const said = copy.textContent;
      copy.textContent = "Copied";
      setTimeout(() => (copy.textContent = said), 2000);
    });
  }
  if (event.target.closest("[data-keys]")) document.getElementById("keys").showModal();
});

// Single keys, as everywhere; they can be switched off, for those whose tools type them by accident.
const keys = document.getElementById("keys");
const keysOn = keys.querySelector("input");
keysOn.checked = localStorage.getItem("keys") !== "off";
keysOn.addEventListener("change", () => localStorage.setItem("keys", keysOn.checked ? "on" : "off"));

const step = (by) => {
  const rows = [...document.querySelectorAll(".deal .open, .story h3 a, .hit h3 a, .ranking th a")];
  const at = rows.indexOf(document.activeElement);
  (rows[at < 0 ? 0 : at + by] || rows[at])?.focus();
};
const actions = {
  "/": () => document.getElementById("find").focus(),
  "?": () => keys.showModal(),
  j: () => step(1),
  k: () => step(-1),
  n: () => document.querySelector("a[rel=next]")?.click(),
  p: () => document.querySelector("a[rel=prev]")?.click(),
  f: () => {
    const sheet = document.getElementById("sheet");
    if (sheet) sheet.checked = true;
    document.querySelector(".filter input[name=q], .inline input, .inline select")?.focus();
  },
};
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=checkbox]), select, textarea, dialog");
  const action = actions[event.key];
  if (!action || typing || event.ctrlKey || event.metaKey || event.altKey || !keysOn.checked) return;
  event.preventDefault();
  action();
});

// Suggestions under the search box: a list that arrow keys walk through, as a combobox has it.
const box = document.getElementById("find");
let list = null;
let at = -1;
let waiting;
box.setAttribute("role", "combobox");
box.setAttribute("aria-autocomplete", "list");
box.setAttribute("aria-expanded", "false");
const close = () => {
  list?.remove();
  list = null;
  at = -1;
  box.setAttribute("aria-expanded", "false");
  box.removeAttribute("aria-controls");
  box.removeAttribute("aria-activedescendant");
};
box.addEventListener("input", () => {
  clearTimeout(waiting);
  const typed = box.value.trim();
  if (typed.length < 2) return close();
  waiting = setTimeout(async () => {
    const answer = await fetch(`/search/suggest?q=${encodeURIComponent(typed)}`).catch(() => null);
    if (!answer?.ok || box.value.trim() !== typed) return;
    const piece = document.createElement("template");
    piece.innerHTML = await answer.text();
    close();
    list = piece.content.firstElementChild;
    box.form.append(list);
    box.setAttribute("aria-expanded", "true");
    box.setAttribute("aria-controls", list.id);
    list.addEventListener("mousedown", (event) => {
      const option = event.target.closest("[data-href]");
      if (option) location.href = option.dataset.href;
    });
  }, 120);
});
box.addEventListener("blur", close);
box.addEventListener("keydown", (event) => {
  if (!list) return;
  if (event.key === "Escape") {
    event.preventDefault();
    return close();
  }
  if (event.key === "Enter" && at >= 0) {
    event.preventDefault();
    location.href = list.children[at].dataset.href;
  }
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  list.children[at]?.removeAttribute("aria-selected");
  at = (at + by + list.children.length) % list.children.length;
  list.children[at].setAttribute("aria-selected", "true");
  list.children[at].scrollIntoView({ block: "nearest" });
  box.setAttribute("aria-activedescendant", list.children[at].id);
});

// A list of deals that is open follows the ledger, while somebody can see it and nobody is using it.
let events = null;
const renew = async () => {
  const shown = document.querySelector("[data-live]");
  const answer = shown && (await fetch(location.href).catch(() => null));
  if (!answer?.ok || shown.contains(document.activeElement)) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-live]");
  if (!fresh || !shown.isConnected) return;
  const known = new Set([...shown.querySelectorAll(".deals a")].map((link) => link.getAttribute("href")));
  for (const row of fresh.querySelectorAll(".deals > li")) {
    if (!known.has(row.querySelector("a")?.getAttribute("href"))) row.classList.add("fresh");
  }
  shown.replaceWith(document.adoptNode(fresh));
  window.htmx?.process(fresh);
  unfold(fresh);
};
const follow = () => {
  const wanted = !document.hidden && document.querySelector("[data-live]");
  if (!wanted) {
    events?.close();
    events = null;
  } else if (!events) {
    events = new EventSource("/live");
    events.addEventListener("deals", renew);
  }
};
document.addEventListener("visibilitychange", follow);
document.addEventListener("htmx:afterSettle", follow);
follow();
// Times are the visitor's own where nothing else was chosen.
for (const field of document.querySelectorAll("[data-zone]")) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && field.value === "UTC") field.value = zone;
}
