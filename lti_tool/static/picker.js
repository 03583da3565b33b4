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
  said.textContent = !items ? "Nothing is chosen yet." : `This adds ${counted(items, "item")} and ${columnWords}.`;
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
  form.addEventListener("change", say);
  say();
  search();
}
