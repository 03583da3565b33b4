"""A self-assessment as programs read it: that it is done, and nothing of what was said."""

import json
import re
from typing import Any

from framework import journey
from framework.store.attempts import Worker
from framework.store.sessions import Store, now
from framework.store.tables import Identity, ResourceLink
from tests import builders
from tests.api.conftest import Course, Reader

KEY = "self-belief.self-assessment"
SECRET = "In March I asked Mr Przybylski for the night rota"
STATEMENTS = {"self-belief.1": 1, "self-belief.2": 5, "self-belief.3": "unseen", "self-belief.4": 2}


def test_no_rating_and_no_example_leaves_by_the_api(store: Store, new_course: Any, reader: Reader) -> None:
    """Given a finished self-assessment, when every address of the API that a program may read is read, then one row
    says that it is finished, with one point, and no address holds a statement, a rating's name or the example.

    It would see one: with ``title = SECRET`` for the course, which the API does tell, it is red (tried).
    """
    course: Course = new_course(activity_key=KEY)
    with store.transaction(1) as session:
        identity = builders.identity(session, builders.person(session), course.platform)
        person_id, identity_id = identity.person_id, identity.id
        link = session.get_one(ResourceLink, (1, course.link.id))
        worker = Worker(link, person_id, session.get_one(Identity, (1, identity_id)).id)
        value = {"statements": STATEMENTS, "importance": 4, "target": 3, "example": SECRET}
        journey.answer(session, worker, KEY, "self-belief", value, now=now())
        journey.submit(session, worker, KEY, now=now())

    [row] = reader.rows()
    assert (row["activity_type"], row["status"]) == ("self_assessment", "completed")
    assert (row["points"], row["maximum"]) == (1.0, 1.0)

    texts = [json.dumps(reader(path)) for path in _readable(reader)]
    assert len(texts) > 3
    for text in texts:
        assert "Przybylski" not in text
        assert not re.search(r"self-belief\.[1-4]|statements|importance|unseen", text)


def _readable(reader: Reader) -> list[str]:
    """Every address that needs no id, and the first of each that does."""
    document = reader.web.get("/api/v1/openapi.json").json
    assert document is not None
    paths = [path for path, item in document["paths"].items() if "get" in item and path.startswith("/v1/")]
    plain = [path for path in paths if "{" not in path]
    found = [path for path in plain if reader.get(path).status_code == 200]
    ids = {row["id"] for path in found for row in reader(path).get("data", []) if isinstance(row, dict) and "id" in row}
    filled = [re.sub(r"\{[^}]*\}", one, path) for path in paths if path.count("{") == 1 for one in sorted(ids)]
    return [*found, *(path for path in filled if reader.get(path).status_code == 200)]
