"""The exceptions of the product. A door translates each to a page or a problem document once.

ToolError
├── Invalid      the request says something that cannot be: 422, names the field
├── NotFound     no such thing for this asker: 404
├── NotAllowed   this person may not do that: 403
├── Conflict     it has changed since it was read: 409 (NotOpen: not now; Stale: answered elsewhere meanwhile)
└── Unavailable  a part the tool needs is not there now: 503
"""


class ToolError(Exception):
    """Something a person must be told. ``str(error)`` is the sentence for them; ``code`` is stable for programs."""

    code = "error"
    status = 500

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class Invalid(ToolError):
    """The request says something that cannot be; ``field`` names where."""

    code = "invalid"
    status = 422


class NotFound(ToolError):
    """There is no such thing for this asker (also what another tenant's row answers)."""

    code = "not_found"
    status = 404


class NotAllowed(ToolError):
    """This person may not do that."""

    code = "not_allowed"
    status = 403


class Conflict(ToolError):
    """The thing has changed since it was read."""

    code = "conflict"
    status = 409


class NotOpen(Conflict):
    """The placement's terms do not let this happen now: not open yet, closed, or no attempts left."""

    code = "not_open"


class Stale(Conflict):
    """An answer has been replaced, on another device or in another tab, since the page was made that sends this one."""

    code = "stale"


class Unavailable(ToolError):
    """A part the tool needs cannot be reached now; trying again later may work."""

    code = "unavailable"
    status = 503
