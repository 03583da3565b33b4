"""The product's own content, read once in a process: reading and checking fifteen modules takes a second."""

import uuid
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework import authoring, catalogue
from framework.catalogue import Catalogue
from framework.store.columns import new_id
from framework.store.sessions import now, tenant_of
from framework.store.tables import Edition

_IDS: dict[int, uuid.UUID] = {}


@cache
def document() -> dict[str, Any]:
    """The whole content as one document. It is everybody's: not to be changed."""
    return authoring.document(authoring.CONTENT)


@cache
def content() -> Catalogue:
    """The same as a catalogue."""
    return catalogue.read(document())


def publish(session: Session) -> None:
    """Edition 1 of the session's tenant, as ``editions.publish`` makes it, where it has none yet.

    It has the same id in every test of a process, so that the product reads its catalogue once, as it does for
    everybody who comes to a running tool.
    """
    edition_id = _IDS.setdefault(tenant_of(session), new_id())
    if session.scalar(sa.select(Edition.id).where(Edition.id == edition_id)):
        return
    session.add(
        Edition(
            id=edition_id,
            framework_key=content().framework_key,
            number=1,
            digest=content().digest,
            document=document(),
            published_at=now(),
        )
    )
