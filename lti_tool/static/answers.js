// Long answers are sent while they are written. What is not stored yet stays in the page, and in the tab's own storage,
// is tried again, and goes before anything else that the page sends. Without script the buttons do it all.
import { platformKnows, send } from "./app.js";

const EVERY = 5000; // ms between two tries while somebody writes
const LONGEST_PAUSE = 30000; // ms between two tries while nothing answers
const FAILING = "Not saved yet. We keep trying.";
const VISIT = `unsent:${location.pathname.split("/").slice(0, 3).join("/")}/`;

// -- The tab's storage: never the browser's, because computers are shared. Where a frame has none, the page's own entry
// in the tab's history keeps it over a reload.

function stored(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return history.state?.unsent?.[key] ?? null;
  }
}

function store(key, entry) {
  try {
    if (entry) sessionStorage.setItem(key, JSON.stringify(entry));
    else sessionStorage.removeItem(key);
  } catch {
    history.replaceState({ ...history.state, unsent: entry ? { [key]: entry } : {} }, "");
  }
}

function waiting() {
  try {
    return Object.keys(sessionStorage).filter((key) => key.startsWith(VISIT));
  } catch {
    return [];
  }
}

const keyOf = (action) => `unsent:${new URL(action, location.href).pathname}`;

// -- One try. Answers what came of it: kept, refused (this text cannot be stored as it is) or away.

async function post(action, fields, replaces) {
  const body = new URLSearchParams(fields);
  body.set("replaces", replaces);
  try {
    const answer = await fetch(action, { method: "POST", headers: { Accept: "application/json" }, body });
    if (answer.status >= 500) return { state: "away" };
    const said = await answer.json();
    if (!answer.ok) return { state: "refused", ...said };
    document.dispatchEvent(new CustomEvent("visit-lasts", { detail: said.closes_in }));
    return { state: "kept", ...said };
  } catch {
    return { state: "away" };
  }
}

function time() {
  return new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
}

// -- The form of a long text.

function follow(form) {
  const status = form.querySelector("[data-saved]");
  const version = form.elements.replaces;
  const action = form.getAttribute("action"); // form.action is the button of that name, where there is one
  const key = keyOf(action);
  const mode = form.dataset.autosave; // "", refused (the text was not accepted) or conflict (the learner has to choose)
  const fields = () => {
    const data = new FormData(form);
    data.delete("replaces");
    return new URLSearchParams(data).toString();
  };
  let clean = mode ? null : fields();
  let refused = mode === "conflict" ? fields() : null; // what need not be sent again as it is
  let busy = null;
  let leaving = false;
  let pause = EVERY;
  let timer = 0;

  const say = (text) => {
    if (status.textContent !== text) status.textContent = text;
  };
  const isDirty = () => fields() !== clean;

  function remember() {
    store(key, isDirty() ? { action, fields: fields(), replaces: version.value } : null);
    warnPlatform(isDirty());
  }

  async function attempt() {
    const sent = fields();
    const came = await post(action, sent, version.value);
    if (came.state === "kept") {
      clean = sent;
      refused = null;
      version.value = came.version;
      say(`Saved ${time()}`);
    } else if (came.state === "refused") {
      refused = sent;
      say(`Not saved yet: ${came.error}`);
    } else {
      say(FAILING);
    }
    remember();
    return came.state;
  }

  function keep() {
    busy ??= attempt().finally(() => {
      busy = null;
    });
    return busy;
  }

  async function beat() {
    const isDue = !leaving && mode !== "conflict" && isDirty() && fields() !== refused;
    const came = isDue ? await keep() : "";
    pause = came === "away" ? Math.min(pause * 1.5, LONGEST_PAUSE) : EVERY;
    timer = setTimeout(beat, pause);
  }

  function restore() {
    const entry = stored(key);
    if (!entry || mode || (entry.submitted && entry.replaces !== version.value)) return store(key, null);
    for (const [name, value] of new URLSearchParams(entry.fields)) {
      if (form.elements[name]) form.elements[name].value = value;
    }
    version.value = entry.replaces;
    remember();
  }

  restore();
  timer = setTimeout(beat, EVERY);
  form.addEventListener("input", remember);
  window.addEventListener("online", () => {
    clearTimeout(timer);
    pause = EVERY;
    beat();
  });
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && isDirty()) event.preventDefault();
  });

  // What goes on waits for what is not stored yet. Where the server says no, its own page tells why.
  form.addEventListener("submit", async (event) => {
    if (mode !== "conflict" && isDirty() && fields() !== refused) {
      event.preventDefault();
      if ((await keep()) !== "away") form.requestSubmit(event.submitter);
      return;
    }
    leaving = true;
    const entry = stored(key);
    if (entry) store(key, { ...entry, submitted: true });
    warnPlatform(false);
  });
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[href]");
    if (!link || link.target || link.hash || mode || !isDirty() || fields() === refused || status.textContent === FAILING)
      return;
    event.preventDefault();
    if ((await keep()) === "kept") location.assign(link.href);
  });
}

// -- Pages that finish or share: what an earlier page could not send goes first.

async function sendWaiting() {
  for (const key of waiting()) {
    const entry = stored(key);
    if (!entry || entry.submitted) {
      store(key, null); // the page after a form that was sent: the server has had it
      continue;
    }
    if ((await post(entry.action, entry.fields, entry.replaces)).state === "kept") store(key, null);
  }
  return waiting().length === 0;
}

function holdBack(form) {
  form.addEventListener("submit", async (event) => {
    if (!waiting().length) return;
    event.preventDefault();
    const status = form.querySelector("[data-saved]");
    status.textContent = "An answer is being saved first.";
    if (await sendWaiting()) form.requestSubmit(event.submitter);
    else status.textContent = "An answer of yours is not saved yet. Go back to it: your text is still there.";
  });
}

let warned = false;

async function warnPlatform(isDirty) {
  if (warned === isDirty) return;
  warned = isDirty;
  const subject = isDirty ? "lti.setUnloadMessage" : "lti.removeUnloadMessage";
  if (!(await platformKnows).has(subject)) return;
  send(isDirty ? { subject, message: "An answer is not saved yet." } : { subject });
}

const form = document.querySelector("form[data-autosave]");
if (form) follow(form);
else sendWaiting();
document.querySelectorAll("form[data-waits]").forEach(holdBack);
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload(); // the page as it is stored now; what is not stored comes back by itself
});
