"""The parts of the running application that views use."""

from flask import current_app

from framework.settings import Settings
from framework.store.sessions import Store
from lti_tool.keys import PlatformKeys
from lti_tool.registrations import Registrations
from lti_tool.state import States
from workers.enqueue import Bell


def store() -> Store:
    """The database."""
    found: Store = current_app.extensions["store"]
    return found


def bell() -> Bell:
    """Rings for jobs after a commit."""
    found: Bell = current_app.extensions["bell"]
    return found


def states() -> States:
    """Seals and opens the states of launches."""
    found: States = current_app.extensions["states"]
    return found


def registrations() -> Registrations:
    """The platforms that logins and launches are for."""
    found: Registrations = current_app.extensions["registrations"]
    return found


def keys() -> PlatformKeys:
    """The platforms' public keys."""
    found: PlatformKeys = current_app.extensions["keys"]
    return found


def settings() -> Settings:
    """The settings of this process."""
    found: Settings = current_app.config["LQF"]
    return found
