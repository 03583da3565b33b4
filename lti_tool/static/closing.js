// Tells five minutes before the visit ends, and lets it last longer where it ends by disuse.
const WARNED = 5 * 60 * 1000;
const box = document.querySelector("[data-closes-in]");
const said = box.querySelector("[role=status]");
const stay = box.querySelector("button");
const back = box.querySelector("a");
let closesAt = 0;
let timer = 0;

function show(text, canStay) {
  // A frame as tall as its page has no bottom that stays in sight: there it stands above the buttons.
  const isWhole = document.documentElement.scrollHeight <= window.innerHeight + 1;
  if (text && !box.closest("main") && isWhole) document.querySelector("main .actions")?.before(box);
  if (said.textContent !== text) said.textContent = text;
  box.classList.toggle("is-near", Boolean(text));
  stay.hidden = !text || !canStay;
  if (back) back.hidden = !text || canStay;
}

function look() {
  clearTimeout(timer);
  const left = closesAt - Date.now();
  const at = new Date(closesAt).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  if (left > WARNED) show("", false);
  else if (left > 0) show(`This page closes at ${at}. Your answers are kept.`, Boolean(box.dataset.stay));
  else return show("This page has closed. Your answers are kept: open the activity again from your course.", false);
  timer = setTimeout(look, Math.min(left > WARNED ? left - WARNED : left, 30000));
}

function lasts(seconds) {
  closesAt = Date.now() + seconds * 1000;
  look();
}

stay.addEventListener("click", async () => {
  try {
    const answer = await fetch(box.dataset.stay, { method: "POST", headers: { Accept: "application/json" } });
    const came = await answer.json();
    if (!came.can_stay) delete box.dataset.stay;
    lasts(answer.ok ? came.closes_in : 0);
  } catch {
    said.textContent = "The tool does not answer just now. Try again in a moment.";
  }
});
document.addEventListener("visit-lasts", (event) => lasts(event.detail));
document.addEventListener("visibilitychange", look); // timers rest while a computer sleeps
lasts(Number(box.dataset.closesIn));
