"""From the first self-assessment to Explored for the whole framework and a level that two people have judged, with the
reason at every step, in a course with one programme. The judges are the teacher and an assessor whom the teacher names.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from framework import assessment, journey
from framework.catalogue import Catalogue
from framework.catalogue.learning import Scenario
from framework.store import tables
from framework.store.sessions import now
from framework.store.tables import Visit
from tests.journeys.people import Learner, Person
from tests.journeys.stack import Stack
from tests.journeys.test_accessible import then_it_is_accessible
from tests.journeys.test_judging import counts_what_is_written, rung, shares, writes
from tests.journeys.test_loop import SECONDS_TO_GRADE, wait_for_grade
from tests.journeys.test_teacher import opens_until_the_roster_is_there

pytestmark = pytest.mark.one_database

# Two whom no other journey knows: what people have learned stays when the LMS is emptied.
LEARNER, ASSESSOR = "Siobhán O'Rourke", "Chukwuemeka Adeyemi"
QUALITY = "self-awareness"
TITLE = "Leadership qualities for health and care"


def test_from_self_assessment_to_explored_and_to_a_judged_level(
    system: Stack, person: Callable[..., Person], content: Catalogue
) -> None:
    # given a course with a self-assessment and a programme
    look = system.lms.place("moodle", "How I see myself", f"{QUALITY}.self-assessment")
    placed = system.lms.place("moodle", "Leading together", "programme")
    teacher = person("moodle", "margaret")
    teacher.opens(placed)
    opens_until_the_roster_is_there(teacher, placed)

    # when Siobhán says how she sees herself
    learner = person("moodle", "siobhan")
    says_how_she_sees_herself(learner, look, content)

    # then that gives no badge, and the page says why
    learner.clicks("My badges")
    learner.sees("There is a badge for each of 15 qualities.")
    learner.opens(placed)
    learner.sees("You have finished 0 of 15 qualities.")

    # when she works through one quality of the programme
    walk = Learner(learner, content, QUALITY)
    learner.clicks("Self-awareness")
    walk.starts()
    walk.does_the_rest()
    walk.finishes()

    # then it is explored, the framework is not yet, and the badge says what it still takes
    learner.sees("Has studied Self-awareness. Nobody has judged practice.")
    learner.clicks("See my badges")
    learner.sees("You have explored 1 of 15 qualities.")
    learner.clicks(TITLE)
    expect(rung(learner, "Explored")).to_contain_text("Not yet")
    assert system.lms.grade("moodle", placed, "siobhan") is None

    # when she has studied the other fourteen too
    studies(system, content, LEARNER, [one.key for one in content.qualities if one.key != QUALITY])

    # then the whole framework is explored, and the programme's grade is in the gradebook
    learner.opens(placed)
    learner.sees("You have finished 15 of 15 qualities.")
    learner.clicks("My badges")
    learner.sees("You have explored 15 of 15 qualities.")
    learner.clicks(TITLE)
    expect(rung(learner, "Explored")).to_contain_text("Earned")
    expect(rung(learner, "Level 1: Developing")).to_contain_text("Not yet")
    grade, _ = wait_for_grade(system, "moodle", placed, "siobhan", SECONDS_TO_GRADE)
    assert grade is not None and grade["final"] == 1, system.logs()

    # when she writes about her practice, and the assessor whom the teacher has named signs it
    names_an_assessor(teacher, ASSESSOR)
    today = datetime.now(UTC).date()
    goes_on_to_practice(learner, placed)
    writes_and_shares(learner, "I asked how my tone had landed.", today - timedelta(days=50))
    learner.sees("It counts towards a level once they have signed it.")
    assessor = person("moodle", "chukwuemeka")
    assessor.opens(placed)
    signs(assessor)

    # then it is level 1, by whom is said, and so is the one thing that level 2 lacks
    goes_on_to_practice(learner, placed)
    learner.sees(f"Signed by {ASSESSOR}")
    expect(rung(learner, "Level 1: Developing")).to_contain_text("Earned since")
    second = rung(learner, "Level 2: Consistent")
    expect(second).to_contain_text("5 of 6 conditions met")
    expect(second.get_by_role("row", name="Two examples")).to_contain_text("Not yet")

    # when she writes another reflection, and the teacher signs that one
    learner.clicks("Write a new reflection")
    writes_and_shares(learner, "I told my team what sets me off.", today - timedelta(days=10))
    teacher.opens(placed)
    signs(teacher)

    # then it is level 2, and what that says and does not say
    goes_on_to_practice(learner, placed)
    expect(rung(learner, "Level 2: Consistent")).to_contain_text("Earned since")
    expect(rung(learner, "Level 3: Extending")).to_contain_text("Not yet")
    learner.sees("not to be used alone for selection, pay or dismissal")
    learner.sees("Levels 3 and 4 need judges from outside")
    then_it_is_accessible(learner, "the reflection at level 2")

    # and the assessor stays a learner of the course
    assessor.clicks("This activity")
    assessor.sees("You have finished 0 of 15 qualities.")
    assert [one.errors for one in (learner, teacher, assessor)] == [[], [], []]


def says_how_she_sees_herself(learner: Person, placed: Any, content: Catalogue) -> None:
    learner.opens(placed)
    learner.sees("It never raises a level")
    learner.clicks("Start")
    for feature in content.quality(QUALITY).features:
        learner.ticks(learner.tool.locator(f"input[name='{feature.key}'][value='4']"))
    learner.clicks("Save and continue")
    learner.ticks(learner.tool.get_by_label("These answers are my own honest view of how I work."))
    learner.clicks("Finish")
    learner.sees_title("You have finished your self-assessment")


def studies(system: Stack, content: Catalogue, name: str, qualities: Iterable[str]) -> None:
    """Somebody finishes these qualities in the placement that they opened last, without its pages."""
    with system.store.transaction(1) as session:
        visit = session.scalars(
            sa.select(Visit)
            .join(tables.Person, tables.Person.id == Visit.person_id)
            .where(tables.Person.name == name)
            .order_by(Visit.created_at.desc())
        ).first()
        assert visit is not None and visit.resource_link_id is not None
        worker = journey.worker_of(session, visit.resource_link_id, visit.person_id, visit.identity_id)
        for key in qualities:
            module, activity = content.module(key), content.activity(key)
            answers: Mapping[str, Any] = {one.key: one.check.answer_key for one in module.sections} | {
                one.key: an_answer(one) for one in module.scenarios
            }
            for item in assessment.items(content, activity):
                journey.answer(session, worker, activity.key, item.key, answers.get(item.key, True), now=now())
            journey.submit(session, worker, activity.key, now=now())


def an_answer(scenario: Scenario) -> Any:
    """One that the situation takes; which one does not count for Explored."""
    keys = [one.key for one in scenario.responses]
    return {
        "rank5": {key: place for place, key in enumerate(keys, 1)},
        "rate": dict.fromkeys(keys, 1),
        "choose3": keys[:3],
        "best_worst": {"best": keys[0], "worst": keys[1]},
    }[scenario.format]


def names_an_assessor(teacher: Person, name: str) -> None:
    teacher.uses(teacher.tool.get_by_role("link", name="Reflections to judge"))
    teacher.clicks("Name assessors")
    teacher.tool.get_by_label("Member of the course").select_option(label=f"{name} (learner)")
    teacher.clicks("Name as assessor")
    expect(teacher.tool.locator(".queue")).to_contain_text(name)


def goes_on_to_practice(learner: Person, placed: Any) -> None:
    """From the programme over the quality's result to the reflection."""
    learner.opens(placed)
    learner.clicks("Self-awareness")
    learner.clicks("Write about your own practice")
    learner.sees_title("Self-awareness: reflection")


def writes_and_shares(learner: Person, text: str, on: date) -> None:
    writes(learner, "Write an example", text, on)
    shares(learner)


def signs(judge: Person) -> None:
    """Both behaviours as Consistent, seen in person, over the last years."""
    judge.uses(judge.tool.get_by_role("link", name="Reflections to judge 1"))
    judge.clicks(LEARNER)
    for number in (1, 2):
        judge.ticks(judge.tool.locator(f"input[name='{QUALITY}.{number}'][value='2']"))
        judge.ticks(judge.tool.locator(f"input[name='basis-{QUALITY}.{number}'][value='saw']"))
    counts_what_is_written(judge)
    judge.clicks("Sign")
    judge.sees("Signed. The learner sees it now")
