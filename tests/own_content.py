"""The product's own content, read once in a process: reading and checking fifteen modules takes a second."""

from functools import cache
from typing import Any

from framework import authoring, catalogue
from framework.catalogue import Catalogue


@cache
def document() -> dict[str, Any]:
    """The whole content as one document. It is everybody's: not to be changed."""
    return authoring.document(authoring.CONTENT)


@cache
def content() -> Catalogue:
    """The same as a catalogue."""
    return catalogue.read(document())
