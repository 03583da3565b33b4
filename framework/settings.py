"""Settings: one field per environment variable, read once at the start, prefix ``LQF_``.

A missing or wrong one stops the start with one clear line (``SettingsError``). A setting may also be a file of its
name in the folder that LQF_SECRETS_DIR names (for secrets); the environment wins.
"""

import os
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class SettingsError(Exception):
    """A setting is missing or wrong; the text names it and says what is needed."""


class Settings(BaseSettings):
    """All settings. URLs have no trailing slash; times are seconds."""

    model_config = SettingsConfigDict(env_prefix="LQF_", extra="ignore", frozen=True)

    env: Literal["development", "production"] = "production"
    base_url: str = Field(description="Where browsers and LMSs reach this tool, e.g. https://lqf.example.org")
    secret_key: SecretStr = Field(description="At least 32 characters; signs state and seals keys at rest")
    data_dir: Path = Field(default=Path(".data"), description="SQLite database, logs and sockets")
    database_url: str = Field(default="", description="postgresql://... ; empty: SQLite below the data folder")
    redis_url: str = Field(default="", description="redis://... ; empty: the embedded Valkey of `make run`")
    trusted_proxies: int = Field(default=0, ge=0, le=5, description="How many proxies in front set X-Forwarded-*")
    allowed_networks: str = Field(default="", description="Private networks (CIDR, comma separated) an LMS may be in")
    https_proxy: str = Field(default="", description="Proxy for calls to LMS servers")
    ca_file: str = Field(default="", description="CA certificates for calls to LMS servers")
    metrics_token: SecretStr = Field(default=SecretStr(""), description="Bearer token for /metrics off loopback")
    web_workers: int = Field(default=2, ge=1, le=64, description="Web processes")
    web_threads: int = Field(default=8, ge=1, le=64, description="Threads per web process")
    bind: str = Field(default="127.0.0.1:8000", description="Address and port the web process listens on")
    visit_hours: int = Field(default=12, ge=1, le=72, description="How long one launch's pages stay open")
    visit_idle_minutes: int = Field(default=120, ge=10, le=1440, description="How long one may be away from its pages")
    guests: bool = Field(default=False, description="Let people in whom the LMS does not name; nothing of them is kept")
    time_zone: str = Field(default="Europe/London", description="Zone (IANA) of the dates that people type and read")
    alive_file: str = Field(default="", description="File that worker and sweep touch at every turn of their loop")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="Least level to log")

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < 32:
            raise ValueError("needs at least 32 characters")
        return value

    @field_validator("base_url")
    @classmethod
    def _is_url(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
            raise ValueError("needs a URL such as https://lqf.example.org")
        return value.rstrip("/")

    @field_validator("time_zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, KeyError):  # a name that is not known is a KeyError
            raise ValueError("needs a zone such as Europe/London") from None
        return value

    @model_validator(mode="after")
    def _https_in_production(self) -> "Settings":
        if self.env == "production" and not self.base_url.startswith("https://"):
            raise ValueError("LQF_BASE_URL must begin with https:// (LQF_ENV=development allows http)")
        return self

    @property
    def origin(self) -> str:
        """The tool's own origin (scheme, host, port), as browsers send it."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def database(self) -> str:
        """SQLAlchemy URL of the database in use."""
        if not self.database_url:
            return f"sqlite:///{self.data_dir.resolve() / 'lqf.db'}"
        scheme, _, rest = self.database_url.partition("://")
        if scheme in ("postgres", "postgresql"):
            return f"postgresql+psycopg://{rest}"
        return self.database_url

    @property
    def redis(self) -> str:
        """redis-py URL of the Redis or Valkey in use."""
        return self.redis_url or f"unix://{self.data_dir.resolve() / 'valkey.sock'}"

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the dates that people type and read."""
        return ZoneInfo(self.time_zone)

    @property
    def is_development(self) -> bool:
        return self.env == "development"

    @classmethod
    def from_env(cls) -> "Settings":
        """Read the environment. Raises SettingsError with one line that names the setting."""
        secrets = os.environ.get("LQF_SECRETS_DIR", "")
        if secrets and not Path(secrets).is_dir():
            raise SettingsError(f"LQF_SECRETS_DIR is not a folder: {secrets}")
        try:
            return cls(_secrets_dir=secrets or None)
        except OSError as error:
            raise SettingsError(f"A file in LQF_SECRETS_DIR cannot be read: {error}") from None
        except ValidationError as error:
            first = error.errors()[0]
            name = "".join(f"LQF_{part}".upper() for part in first["loc"][:1])
            what = "is missing" if first["type"] == "missing" else first["msg"].removeprefix("Value error, ")
            described = cls.model_fields[str(first["loc"][0])].description if first["loc"] else None
            line = f"{name} {what}".strip()
            raise SettingsError(f"{line}. {described}." if first["type"] == "missing" and described else line) from None
