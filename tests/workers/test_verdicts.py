"""What an LMS's answer means for a grade: table 4.6 of statuses and texts, results, pages."""

import json
import time
from datetime import UTC, datetime

import pytest

from framework.store.grade_pushes import Wanted
from tests.builders import AT
from workers import delivery, gradebook, verdicts
from workers.delivery import Accepted, Answer, Busy, Gone, Lost, Older, Refused, Shown
from workers.outgoing import Answer as HttpAnswer
from workers.outgoing import BadAnswer
from workers.paging import next_page
from workers.retry_after import retry_after

SCORES = [
    (200, "canvas", "{}", "Accepted"),
    (204, "other", "", "Accepted"),
    (400, "moodle", "[]", "not_gradable"),
    (400, "canvas", "Provided timestamp of X before last updated timestamp of Y", "Older"),
    (400, "blackboard", "User could not be found:", "not_enrolled"),
    (400, "other", "", "refused"),
    (403, "canvas", "403 Forbidden (Rate Limit Exceeded)", "busy"),
    (403, "moodle", "[]", "not_allowed"),
    (403, "brightspace", "User is not enrolled in the org unit", "not_enrolled"),
    (404, "canvas", "The specified resource does not exist.", "Gone"),
    (404, "brightspace", "user 5 does not exist", "not_enrolled"),
    (409, "moodle", "[]", "Older"),
    (412, "canvas", "", "not_accepting"),
    (422, "canvas", "User not found in course or is not a student", "not_enrolled"),
    (422, "canvas", "The maximum number of allowed attempts has been reached", "attempts_exhausted"),
    (422, "canvas", "ScoreMaximum not supplied", "refused"),
    (423, "other", "", "column_locked"),
    (
        422,
        "canvas",
        '{"errors":[{"message":"cannot be changed: This assignment is still unpublished"}]}',
        "unpublished",
    ),
    (422, "canvas", '{"errors":{"message":"This course has concluded. AGS requests ..."}}', "course_ended"),
    (404, "canvas", "The course is not published", "unpublished"),
    (429, "canvas", "", "busy"),
    (302, "moodle", "", "busy"),
    (408, "other", "", "busy"),
    (500, "moodle", "[]", "column_locked"),
    (502, "moodle", "<html>", "no_answer"),
    (503, "canvas", "", "no_answer"),
]


def http(status: int, body: str = "", **headers: str) -> HttpAnswer:
    return HttpAnswer(status, headers, body.encode())


def name(answer: Answer) -> str:
    if isinstance(answer, Refused | Busy | Lost):
        return answer.code
    return type(answer).__name__


@pytest.mark.lti("LTI-93", "LTI-97", "LTI-98")
@pytest.mark.parametrize(("status", "family", "body", "expected"), SCORES)
def test_each_answer_to_a_score_has_its_meaning(status: int, family: str, body: str, expected: str) -> None:
    answer = verdicts.of_score(http(status, body), family, AT)
    assert name(answer) == expected
    if isinstance(answer, Accepted | Older | Lost):
        assert answer.stamp == AT
    if isinstance(answer, Refused):
        assert answer.reason.endswith(".")
        assert not body or body[:20] not in answer.reason, "foreign texts hold people's ids"


RESULTS = [
    ('[{"userId": "4", "resultScore": 5, "resultMaximum": 10}]', Shown(0.5)),
    ('[{"userId": "4", "resultScore": 0, "resultMaximum": 10}]', Shown(0.0)),
    ('[{"userId": 4, "resultScore": 0.5}]', Shown(0.5)),
    ('[{"userId": "5", "resultScore": 5, "resultMaximum": 10}]', Shown(None)),
    ('[{"userId": "4"}]', Shown(None)),
    ('[{"userId": "4", "resultScore": NaN}]', Shown(None)),
    ('[{"userId": "4", "resultScore": true}]', Shown(None)),
    ('[{"userId": "4", "resultScore": 1, "resultMaximum": 0}]', Shown(None)),
    ("[]", Shown(None)),
    (
        '[{"userId": "4", "resultScore": 1, "timestamp": "2026-03-02T09:00:00+00:00", "comment": "Good"}]',
        Shown(1.0, AT, "Good"),
    ),
    ('[{"userId": "4", "resultScore": 1, "timestamp": "yesterday", "comment": 7}]', Shown(1.0)),
    ('[{"userId": "4", "resultScore": 1, "timestamp": "2026-03-02T09:00:00"}]', Shown(1.0)),
    ("{}", verdicts.UNREADABLE),
    ("<html>", verdicts.UNREADABLE),
]


@pytest.mark.lti("LTI-102")
@pytest.mark.parametrize(("body", "expected"), RESULTS)
def test_results_are_read_carefully(body: str, expected: Answer) -> None:
    assert verdicts.of_result(http(200, body), "4") == expected


@pytest.mark.parametrize(("status", "kind"), [(404, Gone), (429, Busy), (500, Lost), (400, Refused), (403, Refused)])
def test_results_that_do_not_come(status: int, kind: type) -> None:
    assert isinstance(verdicts.of_result(http(status), "4"), kind)


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("120", 120, 120),
        ("0", 0, 0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
        ("Wed, 21 Oct 2099 07:28:00 GMT", 86_400, 86_400),
    ],
)
def test_retry_after_in_seconds_and_as_a_date(text: str, least: float, most: float) -> None:
    seconds = retry_after({"Retry-After": text})
    assert seconds is not None
    assert least <= seconds <= most


@pytest.mark.parametrize("text", ["", "soon", "-5", "1.5", "²"])
def test_retry_after_that_says_nothing(text: str) -> None:
    assert retry_after({"Retry-After": text}) is None


BASE = "https://lms.example.org/list?type_id=1"
LINKS = [
    ('<https://lms.example.org/list?page=2>; rel="next"', "https://lms.example.org/list?page=2"),
    ("<https://lms.example.org/L?Mark=ABc>; rel=next", "https://lms.example.org/L?Mark=ABc"),
    ('<https://lms.example.org/1>; rel="first",<https://lms.example.org/2>; rel="next"', "https://lms.example.org/2"),
    ('<https://lms.example.org/2>; title="a, b"; REL="prev Next"', "https://lms.example.org/2"),
    ("</list?page=2>; rel=next", "https://lms.example.org/list?page=2"),
    (
        "<https://lms.example.org/l?t=1&amp;limit=2&amp;from=2>; rel=“next”".encode().decode("latin-1"),
        "https://lms.example.org/l?t=1&limit=2&from=2",
    ),
    ("<https://lms.example.org/2>; rel=“next”", "https://lms.example.org/2"),
    ('<https://lms.example.org/2>; rel="nextish"', None),
    ('<https://lms.example.org/2>; rel="prev"', None),
    ("nonsense", None),
    ("", None),
]


@pytest.mark.lti("LTI-106")
@pytest.mark.parametrize(("header", "expected"), LINKS)
def test_the_next_page_is_found_however_it_is_written(header: str, expected: str | None) -> None:
    assert next_page(header, BASE) == expected


@pytest.mark.lti("LTI-107")
@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/2",
        "http://lms.example.org/2",
        "https://lms.example.org:444/2",
        "//evil.example/2",
        "http://[/",
    ],
)
def test_the_next_page_stays_on_its_server(elsewhere: str) -> None:
    with pytest.raises(BadAnswer):
        next_page(f'<{elsewhere}>; rel="next"', BASE)


def test_a_hostile_link_header_is_read_in_no_time() -> None:
    began = time.monotonic()
    for header in ("<a>;" + " " * 60_000 + ";x", "<" * 60_000, "<a>" + "; a=b" * 12_000, '<a>; rel="' + "x" * 60_000):
        assert next_page(header, BASE) is None
    assert time.monotonic() - began < 2


@pytest.mark.lti("LTI-91")
@pytest.mark.parametrize(
    ("value", "maximum", "is_one"),
    [
        (0.0, 1.0, True),
        (1, 1, True),
        (0.5, 100.0, True),
        (float("nan"), 1.0, False),
        (float("inf"), 1.0, False),
        (-0.1, 1.0, False),
        (1.1, 1.0, False),
        (True, 1.0, False),
        (1.0, True, False),
        (1.0, 0.0, False),
        (1.0, float("nan"), False),
    ],
)
def test_only_numbers_are_grades(value: float, maximum: float, is_one: bool) -> None:
    wanted = Wanted(value, maximum, AT, None, 1)
    assert gradebook.is_grade(wanted) is is_one


@pytest.mark.lti("LTI-86")
def test_scores_and_results_are_below_the_path_of_a_line_item() -> None:
    moodle = "https://lms.example.org/mod/lti/services.php/2/lineitems/3/lineitem?type_id=1"
    assert gradebook.below(moodle, "scores") == moodle.replace("?", "/scores?")
    assert gradebook.below(moodle, "results", {"user_id": "a b"}).endswith("/lineitem/results?type_id=1&user_id=a+b")
    assert gradebook.below("https://c.example/line_items/3/", "scores") == "https://c.example/line_items/3/scores"


@pytest.mark.lti("LTI-90")
def test_a_score_is_json_with_a_time_that_has_milliseconds_and_a_zone() -> None:
    at = datetime(2026, 3, 2, 9, 0, 0, 123_999, tzinfo=UTC)
    wanted = Wanted(1.0, 2.0, datetime(2027, 1, 1, tzinfo=UTC), None, 1)
    body = gradebook.score("4", wanted, at, is_canvas=True, is_submission=False)
    assert body["timestamp"] == "2026-03-02T09:00:00.123Z"
    assert body["submission"]["submittedAt"] == body["timestamp"], "never in the future"
    assert "comment" not in body
    assert json.loads(json.dumps(body))["https://canvas.instructure.com/lti/submission"] == {
        "new_submission": False,
        "prioritize_non_tool_grade": True,
    }
    assert delivery.MOST_ATTEMPTS > verdicts.LOCKED_ATTEMPTS
