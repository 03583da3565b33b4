"""Templates: every page in every state, spelt right, with nothing that a strict content policy would stop."""

import dataclasses
import re
from functools import cache
from pathlib import Path

import pytest
from jinja2 import meta, nodes

from lti_tool.presenters import notices
from lti_tool.presenters.frame import Frame
from tests.lti_tool.markup import Markup, parse
from tests.lti_tool.pages import pages
from tests.lti_tool.rendering import LEARNER, STATIC, TEMPLATES, Misspelt, Shown, application, render

PAGES = pages()
SOURCES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
GIVEN = {"frame", "page", "csp_nonce"}


@pytest.fixture(params=PAGES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def shown(name: str) -> Shown:
    return PAGES[name]


@pytest.fixture
def markup(name: str) -> Markup:
    return _read(name)


@cache
def _read(name: str) -> Markup:
    """A page is rendered once for all tests that look at it, and none of them changes it."""
    return parse(render(PAGES[name]))


def _source(name: str) -> nodes.Template:
    return application().jinja_env.parse((TEMPLATES / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", SOURCES)
def test_a_template_uses_what_it_is_given_and_all_it_imports(name: str) -> None:
    tree = _source(name)
    used = {one.name for one in tree.find_all(nodes.Name) if one.ctx == "load"}
    imported = [
        alias[1] if isinstance(alias, tuple) else alias
        for one in tree.find_all(nodes.FromImport)
        for alias in one.names
    ]

    own = {macro.name for macro in tree.find_all(nodes.Macro)}
    own |= {one.name for one in tree.find_all(nodes.Name) if one.ctx == "store"}

    # jinja does not count imports as declared inside blocks
    assert meta.find_undeclared_variables(tree) - own - set(imported) <= GIVEN
    assert [alias for alias in imported if alias not in used] == []


def test_every_page_template_is_shown_in_some_state() -> None:
    shown = {one.template for one in PAGES.values()}
    assert {name for name in SOURCES if not name.startswith("parts/")} - {"layout.html"} == shown


def test_a_misspelt_attribute_is_noticed() -> None:
    with pytest.raises(Misspelt, match="Frame has no curse"), application().test_request_context():
        application().jinja_env.from_string("{{ frame.curse }}").render(frame=LEARNER)


def test_a_page_names_its_language_and_has_one_heading(shown: Shown, markup: Markup) -> None:
    assert markup.named("html")[0].attributes["lang"] == "en-GB"
    assert len(markup.named("h1")) == 1
    assert len(markup.named("title")) >= 1
    assert "#maincontent" in markup.values("href")
    assert "maincontent" in markup.values("id")


def test_a_page_keeps_to_a_strict_content_policy(markup: Markup) -> None:
    assert markup.named("style") == []
    assert [tag for tag in markup.tags if "style" in tag.attributes] == []
    handlers = [name for tag in markup.tags for name in tag.attributes if name.startswith("on")]
    assert handlers == []
    for script in markup.named("script"):
        assert script.attributes["nonce"] == "made-up-nonce"
        assert script.attributes["src"].startswith("static/")


def test_a_page_loads_nothing_from_elsewhere(markup: Markup) -> None:
    addresses = [*markup.values("src"), *markup.values("href"), *markup.values("action"), *markup.values("formaction")]
    assert [one for one in addresses if re.match(r"(?:[a-z]+:)?//|javascript:|data:", one)] == []


def test_ids_are_unique_and_what_points_at_them_finds_them(markup: Markup) -> None:
    ids = markup.values("id")
    assert sorted(ids) == sorted(set(ids))
    pointers = [
        *markup.values("for"),
        *(one for names in ("aria-describedby", "aria-labelledby") for v in markup.values(names) for one in v.split()),
    ]
    assert [one for one in pointers if one not in ids] == []


def test_error_summaries_lead_to_fields(markup: Markup) -> None:
    links = [
        markup.tags[place + 1].attributes["href"]
        for place, tag in enumerate(markup.tags[:-1])
        if tag.name == "li" and markup.tags[place + 1].attributes.get("href", "").endswith(("-field", "-1"))
    ]
    fields = {tag.attributes.get("id", "") for tag in markup.named("input", "select")}
    assert [link for link in links if link.removeprefix("#") not in fields] == []


def test_a_page_has_at_most_one_primary_action(shown: Shown, markup: Markup) -> None:
    primary = [
        tag for tag in markup.tags if "nhsuk-button" in tag.classes and "nhsuk-button--secondary" not in tag.classes
    ]
    assert len(primary) <= 1
    if shown.frame is LEARNER and shown.template.startswith("learn/") and "review" not in shown.template:
        assert len(primary) == 1


def test_the_learner_is_named_with_a_way_out_on_each_page(shown: Shown, markup: Markup) -> None:
    if shown.frame is LEARNER:
        assert LEARNER.person in markup.text
        assert "Not you?" in markup.text
        assert "Back to course" in markup.text


def test_forms_post_and_every_field_has_a_label(markup: Markup) -> None:
    searches = {"search"}  # nothing changes by one, so it may be kept and sent as an address
    assert {f.attributes["method"] for f in markup.named("form") if f.attributes.get("role") not in searches} <= {
        "post"
    }
    labelled = set(markup.values("for"))
    fields = [tag for tag in markup.named("input", "select", "textarea") if tag.attributes.get("type") != "hidden"]
    assert [tag.attributes["id"] for tag in fields if tag.attributes["id"] not in labelled] == []


def test_a_hostile_name_stays_text() -> None:
    hostile = '"><script>alert(1)</script>'
    frame = Frame(assets="static", product=hostile, course=hostile, person=hostile, not_you="#", back="#")
    html = render(Shown("errors/error.html", notices.error(404, what=hostile, code=hostile), frame))
    assert "<script>alert" not in html
    assert html.count("&lt;script&gt;alert") >= 5


def test_a_preview_says_so() -> None:
    text = parse(render(PAGES["section-preview"])).text
    assert "You are looking at this as a learner. Nothing is stored." in text
    assert "Nothing is stored" not in parse(render(PAGES["section"])).text


def test_an_unfinished_badge_is_told_in_words_as_well() -> None:
    told = (
        ("badge-self-awareness", "Not yet", "What it will say"),
        ("badge-self-belief", "Developing, Level 1 of 4", "What it says"),
    )
    for name, words, says in told:
        markup = parse(render(PAGES[name]))
        assert says in markup.text
        assert f"{PAGES[name].page.badge.title}: {words}" in markup.text
        assert {tag.attributes["role"] for tag in markup.named("svg") if "role" in tag.attributes} == {"img"}


@pytest.mark.parametrize("name", ["app.css", "app.js", "picker.js", "icon.svg"])
def test_our_own_files_name_no_host(name: str) -> None:
    text = (STATIC / name).read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert re.findall(r"(?:https?:)?//[\w.-]+\.\w+", text) == []
    assert "100vh" not in text
    assert "@import" not in text


def test_dataclasses_of_pages_are_frozen() -> None:
    for one in PAGES.values():
        with pytest.raises(dataclasses.FrozenInstanceError):
            one.page.title = "changed"


def test_the_folders_are_the_view_modules() -> None:
    assert {Path(name).parts[0] for name in SOURCES if "/" in name} == {
        "admin",
        "board",
        "connect",
        "errors",
        "framework",
        "judging",
        "launch",
        "learn",
        "parts",
        "pick",
        "record",
        "reflect",
        "self_assessment",
        "teach",
    }
