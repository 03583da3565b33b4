// The picker with script: find as you type, and the count that keeps up. Without it all is listed and still sent.
const form = document.querySelector("form[data-picker]");

const counted = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

function say() {
  const isProgramme = form.querySelector("[name=what]:checked").value === "programme";
  const chosen = [...form.querySelectorAll("[name=activity]:checked")];
  const items = isProgramme ? 1 : chosen.length;
  const graded = isProgramme ? 1 : chosen.filter((one) => "column" in one.dataset).length;
  const basis = form.querySelector("[name=basis]:checked");
  const columns = basis && basis.value !== "none" ? graded : 0;
  const columnWords = columns ? counted(columns, "gradebook column") : "no column";
  const said = form.querySelector("[data-count]");
  said.textContent = !items ? "Nothing is chosen yet." : `This adds ${counted(items, "item")} and ${columnWords}.`;
}

function search() {
  const field = form.querySelector("[data-search]");
  const input = field.querySelector("input");
  const found = field.querySelector("[data-found]");
  field.hidden = false;
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of form.querySelectorAll("[data-find]")) {
      const text = row.dataset.find.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      if (!row.hidden) shown += 1;
    }
    for (const group of form.querySelectorAll("[data-group]")) {
      group.hidden = !group.querySelector("[data-find]:not([hidden])");
    }
    found.textContent = words.length ? `${shown} found` : "";
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
}

if (form) {
  form.addEventListener("change", say);
  say();
  search();
}
