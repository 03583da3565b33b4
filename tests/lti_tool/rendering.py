"""Rendering as the product does it, with an environment that refuses what a template spells wrongly."""

import dataclasses
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, render_template
from jinja2 import ChainableUndefined, ChoiceLoader, PackageLoader, UndefinedError
from jinja2.utils import missing

import lti_tool
from framework.catalogue import Catalogue
from lti_tool.presenters.frame import Frame, Link
from tests import own_content

TEMPLATES = Path(lti_tool.__file__).parent / "templates"
STATIC = Path(lti_tool.__file__).parent / "static"
LEARNER = Frame(
    assets="static",
    product="Leadership qualities",
    course="Leading in practice, cohort 4",
    person="Oyelaran Adéṣọlá-Whitworth",
    not_you="#not-you",
    back="#course",
    foot=(Link("Privacy", "#privacy"), Link("Accessibility", "#accessibility"), Link("Help", "#help")),
)
TEACHER = dataclasses.replace(LEARNER, person="Maren Lindqvist", not_you="")
STRANGER = Frame(assets="static", product="Leadership qualities")


class Misspelt(Exception):
    """A template asked a page for something that the page does not have."""


class _Strict(ChainableUndefined):
    """Chainable, as the vendored components need it, except for attributes of our own objects."""

    def __init__(
        self, hint: str | None = None, obj: Any = missing, name: Any = None, exc: Any = UndefinedError
    ) -> None:
        if dataclasses.is_dataclass(obj):
            raise Misspelt(f"{type(obj).__name__} has no {name}")
        super().__init__(hint, obj, name, exc)


@dataclass(frozen=True)
class Shown:
    """A page, its template and what stands around it."""

    template: str
    page: Any
    frame: Frame = LEARNER


@cache
def catalogue() -> Catalogue:
    """The product's own content."""
    return own_content.content()


@cache
def application() -> Flask:
    """A bare application that renders as the product's does."""

    class App(Flask):
        jinja_options = {**Flask.jinja_options, "undefined": _Strict}

    app = App("lti_tool", root_path=str(TEMPLATES.parent))
    loaders: list[Any] = [app.jinja_loader, PackageLoader("nhsuk_frontend_jinja")]
    app.jinja_loader = ChoiceLoader(loaders)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.add_template_global(lambda: "made-up-nonce", "csp_nonce")
    return app


def render(shown: Shown) -> str:
    """The page as HTML."""
    with application().test_request_context():
        return render_template(shown.template, frame=shown.frame, page=shown.page)
