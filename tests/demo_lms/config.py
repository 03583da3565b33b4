"""Where the demo LMS listens, who it says it is, and where the tool is."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Config:
    """All settings of one demo LMS. URLs have no trailing slash.

    ``public_url`` and ``tool_url`` are what browsers use; ``service_url`` and ``tool_service_url``
    are what the servers use to reach each other (they differ in a network of containers). ``doors`` opens
    the test doors below ``/-/``.
    """

    data_dir: Path
    public_url: str
    tool_url: str = "http://localhost:8000"
    service_url: str = ""
    tool_service_url: str = ""
    bind: str = "127.0.0.1"
    port: int = 8001
    doors: bool = True

    def __post_init__(self) -> None:
        for name, default in (("service_url", self.public_url), ("tool_service_url", self.tool_url)):
            object.__setattr__(self, name, getattr(self, name) or default)
        for name in ("public_url", "service_url", "tool_url", "tool_service_url"):
            object.__setattr__(self, name, getattr(self, name).rstrip("/"))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Config":
        """Read the variables named in the package's docstring.

        Raises ValueError with one plain line when a value cannot be used.
        """
        port = environment.get("LMS_PORT", "") or "8001"
        if not port.isdigit() or not 0 < int(port) < 65536:
            raise ValueError(f"LMS_PORT must be a port number from 1 to 65535, not {port!r}.")
        for name in ("LMS_PUBLIC_URL", "LMS_SERVICE_URL", "TOOL_URL", "TOOL_SERVICE_URL"):
            value = environment.get(name, "")
            if value and not value.startswith(("http://", "https://")):
                raise ValueError(f"{name} must start with http:// or https://, not {value!r}.")
        return cls(
            data_dir=Path(environment.get("LMS_DATA_DIR", "") or ".data/demo-lms"),
            public_url=environment.get("LMS_PUBLIC_URL", "") or f"http://127.0.0.1:{port}",
            service_url=environment.get("LMS_SERVICE_URL", ""),
            tool_url=environment.get("TOOL_URL", "") or "http://localhost:8000",
            tool_service_url=environment.get("TOOL_SERVICE_URL", ""),
            bind=environment.get("LMS_BIND", "") or "127.0.0.1",
            port=int(port),
            doors=environment.get("LMS_TEST_DOORS", "") != "off",
        )
