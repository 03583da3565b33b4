"""Every score that arrives, in order, with the answer it got: the tests' and the teacher's evidence."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import make_response, request
from flask.typing import ResponseReturnValue

from tests.demo_lms import faults, platforms, store
from tests.demo_lms.refusals import ServiceRefusal

LONGEST = 20_000


def recorded(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """Note the body a score endpoint got and the status it answered; 0 where the connection was dropped."""

    @wraps(view)
    def logged(line_item_id: int, **values: Any) -> ResponseReturnValue:
        body = request.get_data(as_text=True)[:LONGEST]
        try:
            response = make_response(view(line_item_id=line_item_id, **values))
        except ServiceRefusal as refusal:
            response = refusal.response()
        answer = response.get_data(as_text=True)
        if answer in ("", "[]"):
            answer = response.status.partition(" ")[2]
        status = 0 if faults.HUNG_UP in response.headers else response.status_code
        store.change(
            "INSERT INTO score_post (platform, line_item_id, received_at, body, status, answer)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            platforms.current().key, line_item_id, time.time(), body, status, answer,
        )  # fmt: skip
        return response

    return logged
