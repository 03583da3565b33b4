"""Roles, test users, and the way back to the LMS."""

import pytest
import sqlalchemy as sa
from flask import Flask

from framework.store.sessions import Store
from framework.store.tables import GradePush, Identity, Visit
from lti_tool.presenters.frame import leaving
from tests.certification.test_copies_and_reviews import ITEMS, OWN, answers_everything
from tests.lti_tool.platform import INSTRUCTOR, LEARNER, browser, claims, enter, launch, log_in, sign
from workers import vocabulary as v

pytestmark = pytest.mark.one_database  # what a launch says, not how it is kept

M = v.MEMBERSHIP
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"

ROLES: list[tuple[list[str], str]] = [
    ([INSTRUCTOR], "instructor"),
    ([f"{M}/Instructor#TeachingAssistant"], "instructor"),
    ([f"{M}#Administrator"], "instructor"),
    (["Instructor"], "instructor"),
    (["Learner", "Instructor"], "instructor"),
    ([f"{M}#ContentDeveloper"], "designer"),
    ([LEARNER], "learner"),
    ([f"{M}/Learner#NonCreditLearner"], "learner"),
    ([LEARNER, f"{INSTITUTION}Instructor"], "learner"),
    ([LEARNER, f"{SYSTEM}Administrator"], "learner"),
    ([f"{M}#Mentor"], "mentor"),
    ([f"{INSTITUTION}Instructor"], "none"),
    ([f"{SYSTEM}SysAdmin", f"{INSTITUTION}Administrator"], "none"),
    (["http://example.org/roles#Instructor"], "none"),
    ([], "none"),
    ([""], "none"),
]


@pytest.mark.lti("LTI-44", "LTI-45")
@pytest.mark.parametrize(("roles", "role"), ROLES)
def test_roles_in_the_course_decide(app: Flask, store: Store, roles: list[str], role: str) -> None:
    client, path = enter(app, **{v.ROLES: roles})
    with store.reading(1) as session:
        assert session.scalars(sa.select(Visit.role)).one() == role
    is_teaching = role in ("instructor", "designer")
    assert client.get(f"{path}activity").status_code == (200 if is_teaching else 403)


@pytest.mark.lti("LTI-52", "LTI-105")
@pytest.mark.parametrize(("roles", "grades"), [([LEARNER], 1), ([LEARNER, v.TEST_USER], 0)])
def test_a_test_user_works_and_has_no_grade(app: Flask, store: Store, roles: list[str], grades: int) -> None:
    """Red without ``identity.is_test`` in ``framework.store.placements.want_grade``."""
    ags = {"scope": list(v.SCOPES_GRADES), "lineitems": ITEMS, "lineitem": f"{ITEMS}/1"}
    client, path = enter(app, **{v.ROLES: roles, v.AGS_ENDPOINT: ags})
    assert client.get(path, follow_redirects=True).status_code == 200
    answers_everything(store, "link-1")
    assert "You have finished" in client.get(path, follow_redirects=True).text
    with store.reading(1) as session:
        assert session.scalars(sa.select(Identity.is_test)).one() is (v.TEST_USER in roles)
        assert session.scalar(sa.select(sa.func.count()).select_from(GradePush)) == grades


@pytest.mark.lti("LTI-126")
def test_the_way_back_tells_the_lms_what_happened(app: Flask, store: Store) -> None:
    # given an address of the LMS with a query of its own; when a learner has finished
    presentation = {v.LAUNCH_PRESENTATION: {"return_url": "https://lms.example.org/return?course=2&sesskey=abc"}}
    client, path = enter(app, **presentation)
    answers_everything(store, "link-1")
    page = client.get(path, follow_redirects=True)
    # then the way back says so
    wanted = "https://lms.example.org/return?course=2&amp;sesskey=abc&amp;lti_msg=You%20have%20finished%20Self-belief."
    assert f'href="{wanted}"' in page.text
    # and a refused launch whose message is true leads back with the trouble
    login = log_in(browser(app))
    login.browser = browser(app)
    refused = launch(login, sign(claims(login.nonce, **presentation)))
    assert "sesskey=abc&amp;lti_errormsg=Your%20browser" in refused.text
    assert client.post(f"{path}learn/self-belief/again", headers=OWN).status_code == 303


@pytest.mark.lti("LTI-126")
@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://lms.example.org/", "//evil.example.org", 7, "x" * 3000])
def test_an_unsafe_way_back_is_not_used(app: Flask, store: Store, url: object) -> None:
    client, path = enter(app, **{v.LAUNCH_PRESENTATION: {"return_url": url}})
    assert "Back to course" not in client.get(path, follow_redirects=True).text
    with store.reading(1) as session:
        assert session.scalars(sa.select(Visit.return_url)).one() is None


def test_a_message_goes_before_the_fragment_and_is_escaped() -> None:
    assert leaving("https://a.example/x#y", said="A & B?") == "https://a.example/x?lti_msg=A%20%26%20B%3F#y"
    assert leaving("", said="x") == ""
