"""A tool on pylti1p3 2.0.0 and Flask, written as that library's own Flask example is: login, launch, a page.

``TUNED=1`` adds what its documentation offers: the platform's keys in a cache, and one HTTP session for all launches.
Launch data is kept in Redis. Nothing is written to a database, and a message may come twice: the library allows it.
"""

import json
import os
from typing import Any

import redis
import requests
from flask import Flask, request
from markupsafe import escape
from pylti1p3.contrib.flask.launch_data_storage.cache import FlaskCacheDataStorage
from pylti1p3.contrib.flask.message_launch import FlaskMessageLaunch
from pylti1p3.contrib.flask.oidc_login import FlaskOIDCLogin
from pylti1p3.contrib.flask.request import FlaskRequest
from pylti1p3.tool_config.dict import ToolConfDict
from requests.adapters import HTTPAdapter
from werkzeug.middleware.proxy_fix import ProxyFix

KEYS_SECONDS = 3600


class RedisCache:
    """What pylti1p3 wants of a cache, on Redis, with JSON (its example pickles, which is no faster)."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(url)

    def get(self, key: str) -> Any:
        found = self._redis.get(key)
        return json.loads(found) if found is not None else None

    def set(self, key: str, value: Any, seconds: int | None = None) -> None:
        self._redis.set(key, json.dumps(value), ex=seconds)


def application() -> Any:
    """The WSGI application, made from the environment that benchmarks.tools gives."""
    app = Flask("pylti_tool")
    app.secret_key = "a secret of a benchmark"
    registered = json.loads(os.environ["PLATFORM"])
    config = ToolConfDict({registered["issuer"]: [registered | {"default": True}]})
    cache = RedisCache(os.environ["REDIS_URL"])
    is_tuned = os.environ.get("TUNED") == "1"
    shared = requests.Session() if is_tuned else None
    if shared is not None:
        shared.mount("http://", HTTPAdapter(pool_maxsize=16))

    @app.post("/login/")
    def login() -> Any:
        stored = FlaskCacheDataStorage(cache)
        begun = FlaskOIDCLogin(FlaskRequest(), config, launch_data_storage=stored)
        return begun.redirect(request.form["target_link_uri"])

    @app.post("/launch/")
    def launch() -> Any:
        stored = FlaskCacheDataStorage(cache)
        arrived = FlaskMessageLaunch(FlaskRequest(), config, launch_data_storage=stored, requests_session=shared)
        if is_tuned:
            arrived.set_public_key_caching(stored, cache_lifetime=KEYS_SECONDS)
        told = arrived.get_launch_data()
        return f"<!DOCTYPE html><title>Welcome</title><p>Hello {escape(told.get('name', ''))}"

    return ProxyFix(app, x_for=1, x_proto=1, x_host=1)
