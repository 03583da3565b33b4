"""Editions: the published content of each tenant, and the catalogue read from it."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework.catalogue import Catalogue, read
from framework.catalogue.texts import nearest
from framework.errors import Conflict, NotFound
from framework.store.tables import Edition

# Editions never change, so a process reads each one once in each language that somebody asks for ("": its own).
_catalogues: dict[tuple[uuid.UUID, str], Catalogue] = {}
_KEPT = 32


def publish(session: Session, document: dict[str, Any], *, now: datetime) -> tuple[int, bool]:
    """Freeze a document as the next edition of its framework. Answers (number, whether it is new).

    A document that is the newest edition already makes none.
    """
    catalogue = read(document)
    newest = _newest(session, catalogue.framework_key)
    if newest is not None and newest.digest == catalogue.digest:
        return newest.number, False
    earlier = session.scalar(
        sa.select(Edition).where(Edition.framework_key == catalogue.framework_key, Edition.digest == catalogue.digest)
    )
    if earlier is not None:
        raise Conflict(
            f"This content is edition {earlier.number} already, and edition {newest.number if newest else 0} is newer. "
            "An edition is never made twice: change the content (its edition label will do) and publish again."
        )
    number = (newest.number if newest else 0) + 1
    _known(session).clear()
    session.add(
        Edition(
            framework_key=catalogue.framework_key,
            number=number,
            digest=catalogue.digest,
            document=document,
            published_at=now,
        )
    )
    return number, True


def frameworks(session: Session) -> list[str]:
    """Keys of the frameworks this tenant has, by name."""
    return list(session.scalars(sa.select(Edition.framework_key).distinct().order_by(Edition.framework_key)))


def current(session: Session, framework_key: str | None = None) -> tuple[uuid.UUID, Catalogue]:
    """The newest edition of a framework, or of the tenant's only one. Raises NotFound with what to do."""
    known = _known(session)
    if framework_key not in known:
        keys = frameworks(session) if framework_key is None else [framework_key]
        if not keys:
            raise NotFound("No content has been published here yet. Run `lqf content publish`.")
        newest = _newest(session, keys[0])
        if newest is None:
            raise NotFound(f"There is no framework called “{keys[0][:80]}” here.")
        known[framework_key] = known[newest.id] = newest.id
    return known[framework_key], catalogue(session, known[framework_key])


def document(session: Session, framework_key: str | None, number: int | None = None) -> tuple[int, dict[str, Any]]:
    """An edition's number and document: the newest of the framework (or of the only one), or the one asked for."""
    keys = frameworks(session) if framework_key is None else [framework_key]
    if len(keys) > 1:
        raise Conflict(f"There are several frameworks here; say which: {', '.join(keys)}.")
    asked = sa.select(Edition).where(Edition.framework_key == (keys[0] if keys else ""))
    if number is not None:
        asked = asked.where(Edition.number == number)
    found = session.scalars(asked.order_by(Edition.number.desc()).limit(1)).first()
    if found is None:
        which = "edition" if number is None else f"edition {number}"
        raise NotFound(f"There is no {which} of “{(keys or ['any framework'])[0][:80]}” here.")
    return found.number, found.document


def spoken(session: Session) -> str:
    """The language of the newest catalogue that this session has read; "" where it has read none."""
    return str(session.info.get("spoken", ""))


def speak(session: Session, lang: str | None) -> None:
    """From now on what this session reads is in this language, in each edition that has it. Keys stay the same."""
    session.info["lang"] = lang


def catalogue(session: Session, edition_id: uuid.UUID, lang: str | None = None) -> Catalogue:
    """The catalogue of one edition, in ``lang`` or the session's language (``speak``) where the edition has it.

    Raises NotFound, also for another tenant's.
    """
    known = _known(session)
    if edition_id not in known:
        found = session.scalar(sa.select(Edition.id).where(Edition.id == edition_id))
        if found is None:
            raise NotFound("There is no such edition.")
        known[edition_id] = found
    own = _read_once(session, edition_id, "")
    spoken = nearest(own.languages, lang or session.info.get("lang"))
    session.info["spoken"] = spoken
    return own if spoken == own.lang else _read_once(session, edition_id, spoken)


def _read_once(session: Session, edition_id: uuid.UUID, lang: str) -> Catalogue:
    """Read once. ``lang`` is one that the edition has, so that no LMS can fill the store with made-up ones."""
    if (edition_id, lang) not in _catalogues:
        document = session.scalars(sa.select(Edition.document).where(Edition.id == edition_id)).one()
        while len(_catalogues) >= _KEPT:
            _catalogues.pop(next(iter(_catalogues)))
        _catalogues[edition_id, lang] = read(document, lang or None)
    return _catalogues[edition_id, lang]


def number(session: Session, edition_id: uuid.UUID) -> int:
    """The number of an edition."""
    return session.scalars(sa.select(Edition.number).where(Edition.id == edition_id)).one()


def _known(session: Session) -> dict[str | uuid.UUID | None, uuid.UUID]:
    """Editions that this session has asked for, by framework key and by id: one page asks many times."""
    known: dict[str | uuid.UUID | None, uuid.UUID] = session.info.setdefault("editions", {})
    return known


def _newest(session: Session, framework_key: str) -> Any:
    return session.execute(
        sa.select(Edition.id, Edition.number, Edition.digest)
        .where(Edition.framework_key == framework_key)
        .order_by(Edition.number.desc())
        .limit(1)
    ).first()
