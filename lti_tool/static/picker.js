// The picker with script: the list follows each key, and the count keeps up. Without it the buttons do the same.
const form = document.querySelector("form[data-picker]");

const counted = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

// Whether an item makes a gradebook column: what was said for it alone wins over what was said for all.
function makesColumn(own, general, column) {
  if (!general || column === "never") return false;
  return column === "always" || (own || general) !== "none";
}

function say() {
  const what = form.querySelector("[name=what]:checked");
  const general = form.querySelector("[name=basis]:checked")?.value;
  const chosen = [...form.querySelectorAll("[name=activity]:checked")];
  let items = chosen.length;
  let columns = chosen.filter((one) => makesColumn(one.dataset.basis, general, one.dataset.column)).length;
  if (what.value === "programme") {
    items = form.querySelector("[name=quality]:checked") ? 1 : 0;
    columns = items && makesColumn(what.dataset.basis, general, "graded") ? 1 : 0;
  }
  const columnWords = columns ? counted(columns, "gradebook column") : "no column";
  const said = form.querySelector("[data-count]");
  const { with: withColumn, without } = said.dataset; // a link that is there already
  const adds = withColumn ? (columns ? withColumn : without) : `This adds ${counted(items, "item")} and ${columnWords}.`;
  said.textContent = items ? adds : "Nothing is chosen yet.";
}

// What is ticked, by name. "Take out" unticks at once; the focus stays in the list, or goes to its heading.
function list() {
  const shown = form.querySelector("[data-chosen]");
  const [rows, none, template] = ["ul", "p", "template"].map((name) => shown.querySelector(name));
  const boxes = [...form.querySelectorAll("[name=activity]:checked")];
  const order = [...rows.querySelectorAll("button")].map((button) => button.value);
  const place = (box) => (order.indexOf(`remove:${box.value}`) + 1 || order.length + 1);
  rows.replaceChildren(
    ...boxes
      .sort((one, other) => place(one) - place(other))
      .map((box) => {
        const row = template.content.firstElementChild.cloneNode(true);
        row.querySelector("span").textContent = box.dataset.name;
        row.querySelector("button").value = `remove:${box.value}`;
        row.querySelector("button span").textContent = ` ${box.dataset.name}`;
        return row;
      }),
  );
  rows.hidden = !boxes.length;
  none.hidden = boxes.length > 0;
}

function takeOut(event) {
  const button = event.target.closest("[data-chosen] button");
  if (!button) return;
  event.preventDefault();
  const at = [...form.querySelectorAll("[data-chosen] button")].indexOf(button);
  form.querySelector(`[name=activity][value="${CSS.escape(button.value.slice("remove:".length))}"]`).checked = false;
  list();
  say();
  const left = form.querySelectorAll("[data-chosen] button");
  const next = left[Math.min(at, left.length - 1)] || form.querySelector("#chosen");
  next.setAttribute("tabindex", next.matches("button") ? "0" : "-1");
  next.focus();
}

function tickAll(event) {
  const button = event.target.closest("[name=tick]");
  if (!button) return;
  event.preventDefault();
  for (const box of form.querySelectorAll("[name=quality]")) box.checked = button.value === "all";
  say();
}

function find(field) {
  const words = field.querySelector("input").value.toLowerCase().split(/\s+/).filter(Boolean);
  const cluster = field.querySelector("[name=cluster]").value;
  const kind = field.querySelector("[name=kind]").value;
  let shown = 0;
  for (const row of form.querySelectorAll("[data-find]")) {
    const text = row.dataset.find.toLowerCase();
    const fits = words.every((word) => text.includes(word)) && (!cluster || row.closest("[data-group]").dataset.group === cluster);
    for (const one of row.querySelectorAll("[data-kind]")) one.hidden = !fits || (kind !== "" && one.dataset.kind !== kind);
    row.hidden = !row.querySelector("[data-kind]:not([hidden])");
    if (!row.hidden) shown += 1;
  }
  for (const group of form.querySelectorAll("[data-group]")) {
    group.hidden = !group.querySelector("[data-find]:not([hidden])");
  }
  field.querySelector("[data-found]").textContent = words.length || cluster || kind ? `${shown} found` : "";
}

function search() {
  const field = form.querySelector("[data-search]");
  field.querySelector("button").hidden = true;
  field.addEventListener("input", () => find(field));
  field.querySelector("input").addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
}

if (form) {
  form.addEventListener("change", (event) => {
    if (event.target.name === "activity") list();
    say();
  });
  form.addEventListener("click", takeOut);
  form.addEventListener("click", tickAll);
  say();
  search();
}
