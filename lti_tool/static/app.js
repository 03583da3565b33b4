// Everything here is an addition: each page works without it.
import {
  Button,
  ErrorSummary,
  SkipLink,
  createAll,
} from "./vendor/nhsuk-frontend-10.6.1/nhsuk-frontend.min.js";

document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
createAll(Button);
createAll(ErrorSummary);
createAll(SkipLink);

const framed = window.parent !== window;
const platform = framed ? window.parent : window.opener;

// -- Focus: at a page change inside the visit, never at the launch itself, where it would pull the LMS page about.

function focusAtPageChange() {
  if (!document.referrer.startsWith(`${location.origin}/`)) return;
  if (document.querySelector(".nhsuk-error-summary")) return; // it takes the focus itself
  if (document.activeElement !== document.body) return; // somebody was faster
  const named = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (location.hash && !named?.matches("[data-focus]")) return;
  const done = document.querySelector("[data-focus=now]"); // what was just done is heard before the heading
  const target = named || done || document.querySelector("h1");
  if (!target) return;
  target.setAttribute("tabindex", "-1");
  target.focus({ preventScroll: !named });
}

// -- Texts to take along: frames have no leave to write to the clipboard, so a click selects all of it.

for (const text of document.querySelectorAll("textarea[readonly]")) {
  text.addEventListener("focus", () => text.select());
}

// -- The platform's window messages: ask what it knows, then use only that.

export function send(message) {
  const token = document.body.dataset.messageToken;
  platform.postMessage(token ? { ...message, token } : message, "*");
}

function answerTo(subject) {
  return new Promise((resolve) => {
    window.addEventListener("message", function listen(event) {
      if (event.source !== platform || event.data?.subject !== `${subject}.response`) return;
      window.removeEventListener("message", listen);
      resolve(event.data);
    });
  });
}

async function capabilities() {
  const answer = answerTo("lti.capabilities");
  send({ subject: "lti.capabilities", message_id: crypto.randomUUID?.() ?? String(Date.now()) });
  const said = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 300))]);
  const listed = said?.supported_messages;
  return new Set(Array.isArray(listed) ? listed.map((one) => one?.subject) : []);
}

// Subjects of messages that the platform takes.
export const platformKnows = framed ? capabilities() : Promise.resolve(new Set());

// Frames shorter than 450 px or longer than about 5,000 px are refused or cut off by Canvas.
const SHORTEST = 450;
const LONGEST = 4900;
const LEAST_CHANGE = 8;

function resizeFrame(subjects) {
  let sent = 0;
  let timer = 0;
  const measure = () => {
    const content = [...document.body.children].reduce((end, one) => Math.max(end, one.offsetTop + one.offsetHeight), 0);
    const height = Math.min(LONGEST, Math.max(SHORTEST, Math.ceil(content)));
    if (Math.abs(height - sent) <= LEAST_CHANGE) return;
    sent = height;
    for (const subject of subjects) send({ subject, height });
  };
  // Else the text would break anew when the frame has grown and its scrollbar goes.
  document.documentElement.style.scrollbarGutter = "stable";
  measure(); // at once: what is seen must not move under somebody's pointer a moment later
  new ResizeObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(measure, 100);
  }).observe(document.body);
}

async function talkToPlatform() {
  if (!framed) return;
  const known = await platformKnows;
  // A page that opens on its feedback stays where the learner was.
  if (known.has("lti.scrollToTop") && !location.hash) send({ subject: "lti.scrollToTop" });
  const resizing = ["lti.frameResize", "org.imsglobal.lti.frameResize"].filter((one) => known.has(one));
  if (!resizing.length) return;
  const resized = answerTo(resizing[0]);
  resizeFrame(resizing);
  await resized;
}

// -- A mark for who must not be faster than any person. "page": what the page does at its arrival is done and drawn.
// "platform": so is what it asked the platform to do with its frame.

const drawn = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));

async function settle(talk) {
  if (document.readyState !== "complete") await new Promise((resolve) => window.addEventListener("load", resolve));
  await drawn();
  document.documentElement.dataset.settled = "page";
  await talk;
  await drawn();
  document.documentElement.dataset.settled = "platform";
}

// -- Small comforts.

function countChosen() {
  for (const form of document.querySelectorAll("form[data-choose]")) {
    const said = form.querySelector("[data-chosen]");
    const wanted = Number(form.dataset.choose);
    const boxes = [...form.querySelectorAll("input[type=checkbox]")];
    const say = () => {
      said.textContent = `${boxes.filter((box) => box.checked).length} of ${wanted} chosen`;
    };
    form.addEventListener("change", say);
    say();
  }
}

function openForPrint() {
  window.addEventListener("beforeprint", () => {
    for (const one of document.querySelectorAll("details")) one.open = true;
  });
}

// In a frame the browser's own command prints the LMS page: this prints the document of the frame alone.
function offerPrint() {
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}

// An LMS has opened the page on which it registered this tool, and closes it when told to.
function closeRegistration() {
  document.querySelector("[data-close-registration]")?.addEventListener("click", () => {
    (window.opener || window.parent).postMessage({ subject: "org.imsglobal.lti.close" }, "*");
  });
}

focusAtPageChange();
closeRegistration();
countChosen();
openForPrint();
offerPrint();
document.querySelector("form[data-auto-submit]")?.requestSubmit();
settle(platform && talkToPlatform());
