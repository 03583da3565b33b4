"use strict";
// Platform storage (LTI postMessage storage): keeps small texts for the tool while the page is open.
const tool = document.body.dataset.tool;
const kept = new Map();
const MOST = 50;
const LONGEST = 4096;

function fail(code, message) {
  return { error: { code, message } };
}

function put(message) {
  if (typeof message.key !== "string" || message.key === "") {
    return fail("bad_request", "key is missing");
  }
  if (message.value === null || message.value === undefined) {
    kept.delete(message.key);
    return { key: message.key, value: null };
  }
  if (kept.size >= MOST || String(message.value).length > LONGEST) {
    return fail("storage_exhaustion", "no room");
  }
  kept.set(message.key, message.value);
  return { key: message.key, value: message.value };
}

function get(message) {
  if (typeof message.key !== "string" || message.key === "") {
    return fail("bad_request", "key is missing");
  }
  return kept.has(message.key) ? { key: message.key, value: kept.get(message.key) } : fail("key_not_found", "no such key");
}

window.addEventListener("message", (event) => {
  const message = event.data;
  const work = message && { "lti.put_data": put, "lti.get_data": get }[message.subject];
  if (!work) {
    return;
  }
  const outcome = event.origin === tool ? work(message) : fail("wrong_origin", "not this tool's origin");
  event.source.postMessage({ subject: message.subject + ".response", message_id: message.message_id, ...outcome }, event.origin);
});
