// Signing in where a browser keeps no cookie for a page in a frame: the platform keeps the proof instead.
// LTI Client Side postMessages 0.1 and LTI postMessage Storage 0.1. Without script the login page's link goes on.
const page = document.querySelector("[data-storage]");
const { origin, frame, key, value } = page.dataset;
const PATIENCE = 2000; // milliseconds for a platform to answer
const IMPATIENCE = 300; // where a cookie is kept, the answer is not needed
const outer = window.parent !== window ? window.parent : window.opener;

function ask(target, to, message, accepts, patience) {
  return new Promise((resolve) => {
    const id = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
    const end = (answer) => {
      clearTimeout(timer);
      window.removeEventListener("message", listen);
      resolve(answer);
    };
    function listen(event) {
      const said = event.data;
      if (said?.subject !== `${message.subject}.response` || said.message_id !== id || !accepts(event)) return;
      end(said.error ? null : said);
    }
    const timer = setTimeout(() => end(null), patience);
    window.addEventListener("message", listen);
    target.postMessage({ ...message, message_id: id }, to);
  });
}

// The frame that keeps things: the one named, or else the one that the platform says handles put_data.
async function place(patience) {
  if (!outer) return null;
  let name = frame;
  if (!name) {
    // Who embeds us is not known yet and nothing secret is said, so anybody may answer; what follows goes to one origin.
    const said = await ask(outer, "*", { subject: "lti.capabilities" }, (event) => event.source === outer, patience);
    const listed = Array.isArray(said?.supported_messages) ? said.supported_messages : [];
    const put = listed.find((one) => one?.subject === "lti.put_data");
    if (!put || !listed.some((one) => one?.subject === "lti.get_data")) return null;
    name = put.frame || "_parent";
  }
  try {
    return name === "_parent" ? outer : outer.frames[name] || null;
  } catch {
    return null; // a name that is no frame
  }
}

async function store(subject, patience) {
  const target = await place(patience);
  if (!target) return null;
  const message = subject === "lti.put_data" ? { subject, key, value } : { subject, key };
  return ask(target, origin, message, (event) => event.origin === origin, patience);
}

function keepsCookies() {
  const name = `lqf_probe_${Date.now()}`;
  try {
    document.cookie = `${name}=1; Path=/lti; Max-Age=60; Secure; SameSite=None; Partitioned`;
    const isKept = document.cookie.includes(name);
    document.cookie = `${name}=; Path=/lti; Max-Age=0; Secure; SameSite=None; Partitioned`;
    return isKept;
  } catch {
    return false;
  }
}

function tellTrouble() {
  page.replaceChildren(page.querySelector("[data-trouble]").content.cloneNode(true));
  const title = page.querySelector("h1");
  document.title = title.textContent;
  title.setAttribute("tabindex", "-1");
  title.focus({ preventScroll: true });
}

async function logIn() {
  const onward = page.querySelector("[data-onward]").href;
  const isKept = keepsCookies();
  if (isKept && !frame) return location.replace(onward);
  const kept = await store("lti.put_data", isKept ? IMPATIENCE : PATIENCE);
  if (isKept || kept) return location.replace(onward);
  tellTrouble();
  const said = page.querySelector("[data-opened]");
  page.querySelector("[data-window]").addEventListener("click", () => {
    said.textContent = said.dataset.opened;
  });
}

async function launch() {
  const kept = await store("lti.get_data", PATIENCE);
  if (typeof kept?.value !== "string" || !kept.value) return tellTrouble();
  const form = page.querySelector("form");
  form.elements.secret.value = kept.value;
  const target = await place(IMPATIENCE);
  target?.postMessage({ subject: "lti.put_data", message_id: `${key}-used`, key, value: null }, origin);
  return form.submit();
}

if (page.dataset.storage === "put") logIn();
else launch();
