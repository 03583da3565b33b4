"""One role resolver for launches and rosters (LTI-44, 45, 52)."""

import pytest

from workers import vocabulary

M = "http://purl.imsglobal.org/vocab/lis/v2/membership"
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person"
SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person"

MATRIX: list[tuple[list[object], str]] = [
    ([], "none"),
    ([""], "none"),
    (["unheard of"], "none"),
    ([7, None, {"a": 1}], "none"),
    ([f"{M}#Learner"], "learner"),
    (["Learner"], "learner"),
    ([" Learner "], "learner"),
    ([f"{M}#Instructor"], "instructor"),
    (["Instructor"], "instructor"),
    ([f"{M}/Instructor#TeachingAssistant"], "instructor"),
    (["Instructor#TeachingAssistant"], "instructor"),
    (["TeachingAssistant"], "instructor"),
    ([f"{M}/Instructor#GuestInstructor"], "instructor"),
    ([f"{M}/Learner#Instructor"], "learner"),  # a kind of learner, by appendix A.2.3.1
    ([f"{M}#ContentDeveloper"], "designer"),
    ([f"{M}#Mentor"], "mentor"),
    ([f"{M}#Mentor", f"{M}#Learner"], "learner"),
    ([f"{M}#Learner", f"{M}#Instructor"], "instructor"),
    ([f"{M}#Learner", f"{INSTITUTION}#Instructor"], "learner"),
    ([f"{M}#Learner", f"{SYSTEM}#Administrator"], "learner"),
    ([f"{INSTITUTION}#Instructor"], "none"),
    ([f"{INSTITUTION}#Administrator", f"{SYSTEM}#SysAdmin"], "none"),
    (["http://purl.imsglobal.org/vocab/lis/v2/person#Administrator"], "none"),  # Moodle's own, in rosters
    ([f"{INSTITUTION}#Administrator", f"{M}#Instructor"], "instructor"),
    ([f"{M}#Administrator"], "instructor"),
    ([f"{M}#Member"], "none"),
    ([f"{M}Evil#Instructor"], "none"),
    (["https://evil.example/membership#Instructor"], "none"),
]


@pytest.mark.parametrize(("roles", "expected"), MATRIX)
def test_context_roles_decide(roles: list[object], expected: str) -> None:
    assert vocabulary.role(roles) == expected


def test_canvas_student_view_is_a_test_user_and_a_learner() -> None:
    roles = [f"{M}#Learner", "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"]
    assert vocabulary.is_test_user(roles)
    assert vocabulary.role(roles) == "learner"
    assert not vocabulary.is_test_user([f"{M}#Learner"])


def test_roster_roles_become_uris() -> None:
    given = ["Learner", "Instructor#TeachingAssistant", f"{M}#Mentor", "", 5]
    assert vocabulary.full_names(given) == [f"{M}#Learner", f"{M}/Instructor#TeachingAssistant", f"{M}#Mentor"]


@pytest.mark.lti("LTI-81")
def test_only_offered_scopes_are_asked_for() -> None:
    offered = [vocabulary.SCOPE_SCORE, vocabulary.SCOPE_LINE_ITEM_READ, "https://example.org/other"]
    asked = vocabulary.granted(vocabulary.SCOPES_GRADES, offered)
    assert asked == (vocabulary.SCOPE_LINE_ITEM_READ, vocabulary.SCOPE_SCORE)
