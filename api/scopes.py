"""What a client can be allowed, each with words for people. A scope exists when an endpoint asks for it."""

SCOPES: dict[str, str] = {
    "progress.read": "Read who has done which activity, how far they are, and whether the grade arrived.",
    "grades.resend": "Send a grade to the LMS again. This changes nothing but when it is tried.",
    "people.read": "Read names, addresses and the LMS's ids of people, where the LMS has sent them.",
    "awards.read": "Read which badges people hold, at which level, and on which conditions that rests.",
    "changes.read": "Read the numbered feed of changes (ids and versions, no contents).",
}
