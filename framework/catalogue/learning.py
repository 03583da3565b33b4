"""What is learned: one module per quality, with its reading, checks, scenarios, reflection and team guide.

Texts are plain, without markup; a blank line parts paragraphs. ``for_authors`` notes are not read: no page
shows them.
"""

from dataclasses import dataclass

from framework.catalogue.structure import Document


@dataclass(frozen=True, slots=True)
class Text:
    """A text with its own id and, for evidence from research, its sources. ``is_overused`` marks a strength
    carried too far, in the list of what a behaviour does not look like."""

    key: str
    text: str
    sources: tuple[str, ...] = ()
    is_overused: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to a check question, with the feedback shown when it is chosen."""

    key: str
    feature_key: str
    text: str
    feedback: str


@dataclass(frozen=True, slots=True)
class Check:
    """A question after the reading of a feature. ``answer_key`` is the key of the right option."""

    key: str
    setting: str
    stem: str
    answer_key: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A short story from practice and what to notice in it."""

    key: str
    setting: str
    title: str
    text: str
    notice: str


@dataclass(frozen=True, slots=True)
class Section:
    """The reading and the check of one feature; ``key`` is the feature's key."""

    key: str
    title: str
    looks_like: tuple[Text, ...]
    not_like: tuple[Text, ...]
    example: Example
    try_this: Text
    check: Check


@dataclass(frozen=True, slots=True)
class Response:
    """One response of a scenario. ``keyed`` is the key's view of it, by format:

    rank5: place 1 to 5 (1 = most appropriate); rate: 1 to 4 on the scale; choose3: true or false; best_worst:
    "best", "worst" or "mid".
    """

    key: str
    feature_key: str
    keyed: int | bool | str
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """A situation to judge.

    ``format``: rank5, rate, choose3 or best_worst. ``key_status``: provisional until an expert panel has set
    the key, then agreed. ``pool``: practice (keys are shown) or credited.
    """

    key: str
    format: str
    key_status: str
    pool: str
    setting: str
    feature_keys: tuple[str, ...]
    title: str
    stem: str
    task: str
    scale_key: str | None
    responses: tuple[Response, ...]
    explanation: str

    @property
    def is_provisional(self) -> bool:
        """Whether no expert panel has set the key yet: then it decides nothing, and the page says so."""
        return self.key_status == "provisional"


@dataclass(frozen=True, slots=True)
class LevelText:
    """A text for one level value: a descriptor of the quality, or a row of the reflection's rubric."""

    key: str
    value: int
    text: str


@dataclass(frozen=True, slots=True)
class ReturnComment:
    """A ready-made comment for sending a reflection back, and when to use it."""

    key: str
    reason: str
    comment: str


@dataclass(frozen=True, slots=True)
class Reflection:
    """The reflection of a module, with guidance for the learner and for the assessor."""

    key: str
    prompt: str
    for_learner: tuple[Text, ...]
    how_to_mark: Text
    good_evidence: tuple[Text, ...]
    rubric: tuple[LevelText, ...]
    return_with_comment: tuple[ReturnComment, ...]


@dataclass(frozen=True, slots=True)
class TeamStep:
    """One step of the team guide, with its minutes."""

    key: str
    minutes: int
    text: str


@dataclass(frozen=True, slots=True)
class TeamGuide:
    """Ten minutes as a team."""

    key: str
    title: str
    intro: str
    steps: tuple[TeamStep, ...]
    lead_note: str


@dataclass(frozen=True, slots=True)
class Minutes:
    """How long each part takes, in minutes; ``module`` is the reading with its checks."""

    module: int
    scenarios: int
    reflection: int
    teams: int


@dataclass(frozen=True, slots=True)
class Module:
    """Everything there is to learn about one quality.

    ``key`` names the document; the activity key is the quality's.
    """

    key: str
    quality_key: str
    title: str
    summary: str
    status: str
    minutes: Minutes
    why: Text
    evidence: tuple[Text, ...]
    outcomes: tuple[Text, ...]
    sections: tuple[Section, ...]
    levels: tuple[LevelText, ...]
    reflection: Reflection
    scenarios: tuple[Scenario, ...]
    teams: TeamGuide
    further_reading: tuple[Text, ...]


def read_module(document: Document) -> Module:
    """Read one module document."""
    return Module(
        key=document["id"],
        quality_key=document["quality"],
        title=document["title"],
        summary=document["summary"],
        status=document["status"],
        minutes=Minutes(**document["minutes"]),
        why=_text(document["why"]),
        evidence=_texts(document["why"].get("evidence", ())),
        outcomes=_texts(document["outcomes"]),
        sections=tuple(_section(one) for one in document["sections"]),
        levels=_level_texts(document["levels"]),
        reflection=_reflection(document["reflection"]),
        scenarios=tuple(read_scenario(one) for one in document["scenarios"]),
        teams=_teams(document["teams"]),
        further_reading=_texts(document["further_reading"]),
    )


def _text(one: Document) -> Text:
    return Text(one["id"], one["text"], tuple(one.get("sources", ())), bool(one.get("overused", False)))


def _texts(many: list[Document]) -> tuple[Text, ...]:
    return tuple(_text(one) for one in many)


def _level_texts(many: list[Document]) -> tuple[LevelText, ...]:
    return tuple(LevelText(one["id"], one["value"], one["text"]) for one in many)


def _section(one: Document) -> Section:
    example = one["example"]
    return Section(
        key=one["id"],
        title=one["title"],
        looks_like=_texts(one["looks_like"]),
        not_like=_texts(one["not_like"]),
        example=Example(example["id"], example["setting"], example["title"], example["text"], example["notice"]),
        try_this=_text(one["try_this"]),
        check=_check(one["check"]),
    )


def _check(one: Document) -> Check:
    options = (Option(o["id"], o["feature"], o["text"], o["feedback"]) for o in one["options"])
    return Check(one["id"], one["setting"], one["stem"], f"{one['id']}.{one['answer']}", tuple(options))


def read_scenario(one: Document) -> Scenario:
    """Read one scenario document."""
    responses = (Response(r["id"], r["feature"], r["key"], r["text"], r["reason"]) for r in one["responses"])
    return Scenario(
        key=one["id"],
        format=one["format"],
        key_status=one["key_status"],
        pool=one["pool"],
        setting=one["setting"],
        feature_keys=tuple(one["features"]),
        title=one["title"],
        stem=one["stem"],
        task=one["task"],
        scale_key=one.get("scale"),
        responses=tuple(responses),
        explanation=one["explanation"],
    )


def _reflection(one: Document) -> Reflection:
    assessor = one["for_assessor"]
    comments = (ReturnComment(c["id"], c["reason"], c["comment"]) for c in assessor["return_with_comment"])
    return Reflection(
        key=one["id"],
        prompt=one["prompt"],
        for_learner=_texts(one["for_learner"]),
        how_to_mark=_text(assessor["how_to_mark"]),
        good_evidence=_texts(assessor["good_evidence"]),
        rubric=_level_texts(assessor["rubric"]),
        return_with_comment=tuple(comments),
    )


def _teams(one: Document) -> TeamGuide:
    steps = (TeamStep(step["id"], step["minutes"], step["text"]) for step in one["steps"])
    return TeamGuide(one["id"], one["title"], one["intro"], tuple(steps), one["lead_note"])
