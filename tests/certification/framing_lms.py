"""An LMS page with the tool in its frame, whose storage answers as each test wants: well, wrongly, or not at all."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, render_template_string, request
from werkzeug.serving import make_server

from tests.lti_tool import platform
from workers import vocabulary

_COURSE = """<!doctype html><title>Course</title>
<script>
const mode = {{ mode|tojson }}, frameName = {{ frame|tojson }};
const kept = new Map();
window.heard = [];
function answer(event, more) {
  const message = event.data;
  const said = { subject: message.subject + ".response", message_id: message.message_id, ...more };
  event.source.postMessage(said, event.origin);
}
function work(event) {
  const message = event.data;
  if (!message || !message.subject || !message.subject.startsWith("lti.")) return;
  window.heard.push([message.subject, message.key ?? null, message.value ?? null]);
  if (message.subject === "lti.capabilities") {
    if (mode === "probe") answer(event, { supported_messages: [
      { subject: "lti.put_data", ...(frameName ? { frame: frameName } : {}) },
      { subject: "lti.get_data", ...(frameName ? { frame: frameName } : {}) }] });
    return;
  }
  if (mode === "silent") return;
  if (mode === "error") return answer(event, { error: { code: "storage_exhaustion", message: "full" } });
  if (mode === "wrong_id") return answer({ ...event, data: { ...message, message_id: "another" },
    source: event.source, origin: event.origin }, { key: message.key, value: kept.get(message.key) });
  if (mode === "wrong_origin") {
    return document.querySelector("#stranger").contentWindow.postMessage(message, "*");
  }
  if (message.subject === "lti.put_data") {
    if (message.value === null) kept.delete(message.key); else kept.set(message.key, message.value);
    return answer(event, { key: message.key, value: message.value });
  }
  if (mode === "lost") return answer(event, { error: { code: "key_not_found", message: "gone" } });
  if (mode === "lies") return answer(event, { key: message.key, value: "f".repeat(64) });
  return answer(event, { key: message.key, value: kept.get(message.key) });
}
window.addEventListener("message", work);
</script>
{% if frame %}<iframe name="{{ frame }}" src="/storage?mode={{ mode }}"></iframe>{% endif %}
{% if mode == "wrong_origin" %}<iframe id="stranger" src="{{ stranger }}/stranger"></iframe>{% endif %}
<iframe name="tool" id="contentframe" width="900" height="700" src="/start?{{ query }}"></iframe>
"""
_STORAGE = """<!doctype html><script>
const kept = new Map();
window.addEventListener("message", (event) => {
  const message = event.data;
  if (!message || !["lti.put_data", "lti.get_data"].includes(message.subject)) return;
  if (message.subject === "lti.put_data") kept.set(message.key, message.value);
  event.source.postMessage({ subject: message.subject + ".response", message_id: message.message_id,
    key: message.key, value: kept.get(message.key) }, event.origin);
});
</script>"""
_STRANGER = """<!doctype html><script>
window.addEventListener("message", (event) => {
  const message = event.data;
  window.parent.frames["tool"].postMessage({ subject: message.subject + ".response", message_id: message.message_id,
    key: message.key, value: message.value || "f".repeat(64) }, "*");
});
</script>"""
_POST = """<!doctype html><title>One moment</title><form method="post" action="{{ action }}">
{% for name, value in fields.items() %}<input type="hidden" name="{{ name }}" value="{{ value }}">{% endfor %}
</form><script>document.forms[0].submit();</script>"""


class FramingLms:
    """``url`` is the LMS's own origin, ``tool`` the tool's; ``posts`` are the launches that it sent, newest last."""

    def __init__(self, tool: str) -> None:
        self.tool, self.url, self.stranger = tool, "", ""
        self.posts: list[dict[str, str]] = []
        self.hints: list[str] = []
        self.app = Flask(__name__)
        self.app.add_url_rule("/course", view_func=self.course)
        self.app.add_url_rule("/start", view_func=self.start)
        self.app.add_url_rule("/auth", view_func=self.auth)
        self.app.add_url_rule("/storage", "storage", lambda: _STORAGE)
        self.app.add_url_rule("/stranger", "stranger", lambda: _STRANGER)

    def course(self) -> str:
        """The course page. ``mode``: how its storage behaves; ``frame``: the frame that does the storing."""
        given = request.args
        return render_template_string(
            _COURSE,
            mode=given["mode"],
            frame=given.get("frame", ""),
            query=request.query_string.decode(),
            stranger=self.stranger,
        )

    def start(self) -> str:
        """The login initiation; it names a storage target if ``target`` says one."""
        fields = {
            "iss": self.url,
            "login_hint": "user-1",
            "lti_message_hint": f"hint-{len(self.hints)}",
            "target_link_uri": f"{self.tool}/lti/launch",
            "client_id": platform.CLIENT_ID,
        }
        if request.args.get("target"):
            fields["lti_storage_target"] = request.args["target"]
        return render_template_string(_POST, action=f"{self.tool}/lti/login", fields=fields)

    def auth(self) -> tuple[str, int] | str:
        """Sign in; each message hint is good for one use."""
        asked = request.args
        if asked["lti_message_hint"] in self.hints:
            return "This hint has been used.", 404
        self.hints.append(asked["lti_message_hint"])
        target = f"{self.tool}/lti/launch"
        sub = f"user-{len(self.hints)}"  # somebody new each time
        claims = platform.claims(asked["nonce"], **{"iss": self.url, "sub": sub, vocabulary.TARGET_LINK_URI: target})
        claims[vocabulary.LAUNCH_PRESENTATION] = {"return_url": f"{self.url}/back"}
        self.posts.append({"state": asked["state"], "id_token": platform.sign(claims)})
        return render_template_string(_POST, action=asked["redirect_uri"], fields=self.posts[-1])


@contextmanager
def served(app: Any, host: str, port: int = 0) -> Iterator[int]:
    """A WSGI application in a thread of its own; answers its port."""
    server = make_server(host, port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
