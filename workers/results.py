"""One person's result in a gradebook column (AGS 2.0, 3.3), on whichever page it stands."""

from framework.store.tables import Platform
from workers import verdicts, vocabulary
from workers.delivery import Answer, Shown
from workers.paging import next_page
from workers.service_calls import ServiceCalls

MOST_PAGES = 200


def read(calls: ServiceCalls, platform: Platform, scopes: tuple[str, ...], url: str, sub: str) -> Answer:
    """What the LMS shows for a person. ``url``: the results with this person as filter, which an LMS may ignore.

    No ``limit`` is sent: Moodle fails on it. What was not read to the end is unreadable, not empty: a grade might be
    on the page that is missing. Raises NoToken, NotGranted, OutgoingError.
    """
    seen: set[str] = set()
    page: str | None = url
    while page is not None and page not in seen and len(seen) < MOST_PAGES:
        seen.add(page)
        answer = calls.call(
            platform, scopes, [vocabulary.SCOPE_RESULT_READ], "GET", page, accept=vocabulary.RESULT_CONTAINER
        )
        said = verdicts.of_result(answer, sub)
        if said != Shown(None):
            return said
        page = next_page(answer.headers.get("Link", ""), page)
    return Shown(None) if page is None else verdicts.UNREADABLE
