"""Whatever people do in whatever order: nobody reads what is private, and no signature outlives its text."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from framework.assessment import judging
from framework.assessment.judging import ALLOWED, Marks, Step
from framework.assessment.reflection import Example

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MARKS = Marks({"self-belief.1": 2}, {"self-belief.1": "saw"}, date(2026, 1, 1), date(2026, 3, 1))
acts = st.lists(
    st.tuples(st.sampled_from(sorted(ALLOWED)), st.sampled_from(["one judge", "another judge"])), max_size=14
)


def taken(wanted: list[tuple[str, str]]) -> list[Step]:
    """The steps of those acts that are allowed when they come; each share has a text of its own."""
    steps: list[Step] = []
    for action, judge in wanted:
        if judging.state(steps) not in ALLOWED[action]:
            continue
        number = len(steps) + 1
        is_learner = action in ("share", "text_changed", "confirm", "dispute")
        text = Example("told" if action == "discuss" else "example.1", f"text {number}", date(2026, 2, 1))
        of_step = None
        if action in ("confirm", "dispute"):
            of_step = max(one.number for one in steps if one.action == "discuss")
        if action == "withdraw":
            own = [one for one in judging.signatures(steps) if one.by == judge]
            if not own:
                continue
            of_step = own[-1].number
        steps.append(
            Step(
                number=number,
                action=action,
                by="learner" if is_learner else judge,
                role="learner" if is_learner else "instructor",
                at=AT + timedelta(hours=number),
                marks=MARKS if action in ("sign", "draft") else Marks(),
                examples=(text,) if action in ("share", "discuss") else (),
                digest=judging.shared_digest(steps) if action in ("sign", "draft") else "",
                of_step=of_step,
            )
        )
    return steps


@given(acts)
def test_private_is_private_and_ends_every_signature(wanted: list[tuple[str, str]]) -> None:
    """`if state(steps) in PRIVATE` out of `judging.shared`: a text that was taken back is still read."""
    steps = taken(wanted)
    if judging.state(steps) in judging.PRIVATE:
        assert judging.shared(steps) == () and judging.signatures(steps) == ()


@given(acts)
def test_a_signature_counts_only_on_the_text_that_was_signed(wanted: list[tuple[str, str]]) -> None:
    steps = taken(wanted)
    for one in judging.signatures(steps):
        before = steps[: one.number - 1]
        assert one.digest == judging.shared_digest(before)
        own_then = [each for each in judging.shared(before) if each.key != "told"]
        own_now = [each for each in judging.shared(steps) if each.key != "told"]
        assert own_then == own_now


@given(acts)
def test_drafts_move_nothing_and_unconfirmed_write_ups_count_for_nothing(wanted: list[tuple[str, str]]) -> None:
    steps = taken(wanted)
    public = [one for one in steps if one.action != "draft"]
    assert judging.state(steps) == judging.state(public)
    assert judging.shared(steps) == judging.shared(public)
    assert judging.seen(steps) == judging.seen(public)
    confirmed = {one.of_step for one in steps if one.action == "confirm"}
    told = {one.text for one in judging.shared(steps) if one.key == "told"}
    assert told <= {one.examples[0].text for one in steps if one.action == "discuss" and one.number in confirmed}


@given(acts)
def test_a_signed_state_has_a_signature(wanted: list[tuple[str, str]]) -> None:
    steps = taken(wanted)
    if judging.state(steps) == "signed":
        assert judging.signatures(steps)
