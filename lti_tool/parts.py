"""The parts of the running application that views use: store, bell, settings."""

from flask import current_app

from framework.settings import Settings
from framework.store.sessions import Store
from workers.enqueue import Bell


def store() -> Store:
    """The database."""
    found: Store = current_app.extensions["store"]
    return found


def bell() -> Bell:
    """Rings for jobs after a commit."""
    found: Bell = current_app.extensions["bell"]
    return found


def settings() -> Settings:
    """The settings of this process."""
    found: Settings = current_app.config["LQF"]
    return found
