"""The Flask application of the door for people."""

from typing import Any

from flask import Flask
from jinja2 import ChainableUndefined, ChoiceLoader, PackageLoader

from framework.settings import Settings
from framework.store.sessions import Store
from lti_tool import (
    admin,
    assessors,
    assets,
    board,
    closing,
    cohort,
    configuration,
    connection,
    course,
    deep_linking,
    discuss,
    errors,
    finished,
    framework_page,
    front,
    gradebook,
    judging,
    launch,
    learn,
    learner,
    login,
    notices,
    nudge,
    programme_parts,
    questions,
    record,
    reflect,
    registration,
    review,
    sample,
    security,
    self_assessment,
    start,
    teach,
    terms,
    turned_away,
    write,
)
from lti_tool.keys import PlatformKeys
from lti_tool.presenters import wording
from lti_tool.registrations import Registrations
from lti_tool.state import States
from workers.enqueue import Bell
from workers.outgoing import Outgoing


class Page(Flask):
    """Flask with the components' templates beside its own; they rely on undefined values being empty."""

    jinja_options = {**Flask.jinja_options, "undefined": ChainableUndefined}


def working_parts(settings: Settings, store: Store, bell: Bell) -> dict[str, Any]:
    """What views reach through ``lti_tool.parts``, but for the settings."""
    outgoing = Outgoing(settings)
    return {
        "store": store,
        "bell": bell,
        "states": States(settings.secret_key.get_secret_value()),
        "registrations": Registrations(store),
        "keys": PlatformKeys(store, outgoing),
        "outgoing": outgoing,
    }


def create_app(settings: Settings, store: Store, bell: Bell) -> Flask:
    """Configuration, parts, blueprints, errors: in that order. Nothing connects anywhere yet."""
    app = Page("lti_tool", static_folder=None)
    app.config.update(LQF=settings, MAX_CONTENT_LENGTH=1024 * 1024, MAX_FORM_PARTS=500)
    loaders: list[Any] = [app.jinja_loader, PackageLoader("nhsuk_frontend_jinja")]
    app.jinja_loader = ChoiceLoader(loaders)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    wording.use_zone(settings.zone)
    app.extensions |= working_parts(settings, store, bell)
    app.register_blueprint(assets.blueprint())
    for module in (
        front,
        login,
        notices,
        launch,
        start,
        learn,
        finished,
        self_assessment,
        framework_page,
        record,
        reflect,
        write,
        board,
        closing,
        teach,
        terms,
        programme_parts,
        course,
        learner,
        nudge,
        questions,
        gradebook,
        assessors,
        judging,
        discuss,
        connection,
        cohort,
        review,
        deep_linking,
        sample,
        configuration,
        registration,
        admin,
    ):
        app.register_blueprint(module.blueprint)
    security.protect(app)
    errors.register(app)
    turned_away.register(app)
    return app
