"use strict";
const frame = document.getElementById("contentframe");
const way = document.body.dataset.platform;

function fitToWindow() {
  const room = window.innerHeight - frame.getBoundingClientRect().top - window.scrollY - 15;
  frame.style.height = Math.max(room, 400) + "px";
}

function answer(event, subject, content) {
  event.source.postMessage({ subject: subject + ".response", message_id: event.data.message_id, ...content }, event.origin);
}

function fromTool(event) {
  const message = event.data;
  if (event.source !== frame.contentWindow || !message || typeof message !== "object") {
    return;
  }
  if (message.subject === "lti.frameResize" && Number.isFinite(Number(message.height))) {
    frame.style.height = Math.min(Math.max(Number(message.height), 450), 5000) + "px";
    answer(event, message.subject, {});
  } else if (message.subject === "lti.scrollToTop") {
    window.scrollTo(0, 0);
  } else if (message.subject === "lti.capabilities") {
    answer(event, message.subject, {
      supported_messages: [
        { subject: "lti.capabilities" },
        { subject: "lti.frameResize" },
        { subject: "lti.scrollToTop" },
        { subject: "lti.put_data", frame: "post_message_forwarding" },
        { subject: "lti.get_data", frame: "post_message_forwarding" },
      ],
    });
  }
}

if (way === "moodle") {
  // Moodle sizes the frame to the window and listens to nobody.
  fitToWindow();
  window.addEventListener("resize", fitToWindow);
} else {
  window.addEventListener("message", fromTool);
}
