"""What every view of this door needs: settings, store, the bell, and the two kinds of signed text."""

from dataclasses import dataclass
from typing import cast

from flask import current_app

from api.signing import Signer
from framework.settings import Settings
from framework.store.sessions import Store
from workers.enqueue import Bell

MOUNT = "/api"  # where lqf.py puts this application
_NAME = "lqf"


@dataclass(frozen=True, slots=True)
class Door:
    """One per application. ``url`` is the public address of this door, without a slash at its end."""

    settings: Settings
    store: Store
    tokens: Signer
    cursors: Signer
    bell: Bell

    @property
    def url(self) -> str:
        return self.settings.base_url + MOUNT


def make(settings: Settings, store: Store) -> Door:
    """The door of an application."""
    secret = settings.secret_key.get_secret_value()
    return Door(settings, store, Signer(secret, "api access token"), Signer(secret, "api cursor"), Bell(settings.redis))


def door() -> Door:
    """The door of the application that answers this request."""
    return cast(Door, current_app.extensions[_NAME])


def install(extensions: dict[str, object], made: Door) -> None:
    """Put a door where ``door`` finds it."""
    extensions[_NAME] = made
