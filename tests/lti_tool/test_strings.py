"""The words of the interface are all in the file that translators get, and it is as the sources are."""

import re

import pytest

from lti_tool import strings


def words(template: str) -> list[str]:
    return [text for _, text in strings.of_template(template, "x.html")]


def literals(module: str) -> list[str]:
    return [text for _, text in strings.of_module(module, "x.py")]


def test_the_file_for_translators_is_as_the_sources_are() -> None:
    """Red when a sentence of a template or presenter changes and `make strings` was not run."""
    assert strings.POT.read_text(encoding="utf-8") == strings.pot(strings.found()), "run `make strings`"


def test_it_holds_words_of_templates_components_attributes_presenters_views_and_refusals() -> None:
    found = {text for _, text in strings.found()}
    assert {
        "Not you?",  # between tags
        "Skip to main content",  # given to a component
        "About this link",  # read out
        "About {count} minutes",  # made by a presenter
        "My badges",  # made by a view
        "This sign-in has been used",  # a reason for a refused launch
        "There is nothing to finish yet: start the activity first.",  # refused by framework
    } <= found


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("<p>Answered {{ n }} of\n  {{ page.total }}.</p>", ["Answered {n} of {total}."]),
        ('<a href="{{ url }}" class="wide one">Go on</a>', ["Go on"]),
        ('<p{% if x %} class="Big Text"{% endif %}>In</p>', ["In"]),
        ('<img alt="A bridge" src="x.png"><b>{{ value }}</b>', ["A bridge"]),
        ("{% if x %}Yes, please{% else %}No, thanks{% endif %}", ["Yes, please", "No, thanks"]),
        ('{{ button({"text": "Save draft", "classes": "app-button wide"}) }}', ["Save draft"]),
        ('{{ "Show all" if x else "Hide all" }}', ["Show all", "Hide all"]),
        ("{{ icon('back') }}Back to course", ["Back to course"]),
        ("{# A remark #}<script>{{ nonce }}</script>{{ a }} – {{ b }}", []),
        ('{% block width %}wide{% endblock %}<p>{{ "{:,}".format(n) }} letters</p>', ["{n} letters"]),
    ],
)
def test_words_of_a_template(template: str, expected: list[str]) -> None:
    assert words(template) == expected


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ('"""A docstring of words."""\nx = "Save and continue"', ["Save and continue"]),
        ('def f(n):\n    """Says it."""\n    return f"{n} of {page.total} parts"', ["{n} of {total} parts"]),
        ('x = f"{listed(names)} signed what you wrote."', ["{listed} signed what you wrote."]),
        ('raise Invalid("Choose "\n    "an answer.")', ["Choose an answer."]),
        ('TABS = {"Learners": "teach.activity"}', ["Learners"]),
        ('response.headers["Some Header"] = "no-store"\nif x == "Not words": y = "submitted"', []),
        ('re.compile("Not words")\nBlueprint("Not words", url="/lti/login")', []),
    ],
)
def test_words_of_a_module(module: str, expected: list[str]) -> None:
    assert literals(module) == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ('const FAILING = "Not saved yet. We keep trying.";', ["Not saved yet. We keep trying."]),
        ("say(`Saved at ${time(now())} for ${page.title}.`)", ["Saved at {now} for {title}."]),
        ('box.classList.add("is-open"); send({ subject: "lti.capabilities" })', []),
    ],
)
def test_words_of_a_script(script: str, expected: list[str]) -> None:
    assert [text for _, text in strings.of_script(script, "x.js")] == expected


def test_an_entry_names_its_places_once_and_can_be_read_back() -> None:
    text = 'Say “{name}”, or "no" \\ yes'
    written = strings.pot([("a.html", text), ("b.py", text), ("a.html", text), ("b.py", "Other")])
    assert written.count("#: a.html\n#: b.py\n#, python-brace-format\n") == 1
    read = [re.sub(r'\\([\\"])', r"\1", one) for one in re.findall(r'^msgid "(.*)"$', written, re.MULTILINE)]
    assert read == ["", text, "Other"]


def test_errors_of_framework_are_taken_and_its_other_texts_are_not() -> None:
    module = 'NOTE = "Only for us"\ndef f():\n    raise NotFound(f"There is no such {kind}.")'
    assert [text for _, text in strings.of_module(module, "x.py", only_raised=True)] == ["There is no such {kind}."]
