"""Style sheets, scripts and pictures: read and compressed once, and kept by browsers for as long as they do not change.

Their address holds a digest of them all, so a new version of the tool has new addresses.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, abort, request

FOLDER = Path(__file__).parent / "static"
COMPRESSIBLE = (".css", ".js", ".svg")


@dataclass(frozen=True, slots=True)
class Asset:
    """One file. ``zipped`` is None where compressing would not help."""

    plain: bytes
    zipped: bytes | None
    mimetype: str


def blueprint() -> Blueprint:
    """The route ``/static/<digest>/<path>``."""
    made = Blueprint("assets", __name__, url_prefix=f"/static/{digest()}")
    files = _files()

    @made.get("/<path:name>")
    def serve(name: str) -> Response:
        asset = files.get(name) or abort(404)
        response = Response(asset.plain, mimetype=asset.mimetype)
        if asset.zipped is not None:
            response.vary.add("Accept-Encoding")
            if request.accept_encodings["gzip"]:
                response.data = asset.zipped
                response.headers["Content-Encoding"] = "gzip"
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    return made


@cache
def _files() -> dict[str, Asset]:
    return {path.relative_to(FOLDER).as_posix(): _read(path) for path in _paths()}


@cache
def digest() -> str:
    """12 hex digits over all files."""
    whole = hashlib.sha256()
    for path in _paths():
        whole.update(path.relative_to(FOLDER).as_posix().encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()[:12]


def _paths() -> list[Path]:
    return sorted(path for path in FOLDER.rglob("*") if path.is_file())


def _read(path: Path) -> Asset:
    plain = path.read_bytes()
    zipped = gzip.compress(plain, 9, mtime=0) if path.suffix in COMPRESSIBLE else None
    mimetype = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(plain, zipped, mimetype)
