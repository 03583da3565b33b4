"""Badge pictures: inline SVG whose motif follows from a key, so that any framework's qualities have one.

Pure geometry; nothing here knows which qualities there are. A motif is a rosette: the key's digest chooses its family,
its fold (how often it repeats around the centre), its proportions and its centre. Pictures take their colour from the
surrounding text (``currentColor``), state is told by shape and number as well: outline, solid, marks.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import cos, gcd, pi, sin

from markupsafe import Markup

REACH = 36.0  # radius of the motif, in units of the 128 unit picture
_SALT = "rosette 143311"  # chosen once, by looking: changing it changes every emblem


@dataclass(frozen=True, slots=True)
class Seed:
    """What a key's digest decides. ``fold`` 5 to 9, ``swing`` 0 to 1 (proportions)."""

    family: str
    fold: int
    swing: float
    centre: int


@dataclass(frozen=True, slots=True)
class Emblem:
    """A badge to draw. ``kind``: quality, cluster or framework. ``level``: None = not earned, 0 = explored, then 1 to
    ``levels``. ``title`` and ``description`` are read out in place of the picture."""

    kind: str
    key: str
    level: int | None
    levels: int
    title: str
    description: str

    @property
    def is_earned(self) -> bool:
        """Whether the badge has been awarded."""
        return self.level is not None


def seed(key: str) -> Seed:
    """The seed of a key: the same key always gives the same emblem."""
    digest = hashlib.sha256(f"{_SALT}:{key}".encode()).digest()
    family = tuple(_FAMILIES)[digest[0] % len(_FAMILIES)]
    return Seed(family, 5 + digest[1] % 5, digest[2] / 255, digest[4] % 3)


@lru_cache(maxsize=512)
def motif(key: str) -> Markup:
    """The rosette of a key as SVG elements around (0, 0), within ``REACH``."""
    one = seed(key)
    body = _FAMILIES[one.family](one)
    return Markup(f'<g transform="rotate(-90)">{body}{_centre(one)}</g>')  # noqa: S704  # numbers only


def picture(emblem: Emblem, uid: str) -> Markup:
    """The badge as an SVG element with title and description; ``uid`` is unique on its page."""
    frame, weight = _frame(emblem)
    return Markup(
        '<svg class="badge{none}" viewBox="-64 -64 128 128" role="img" aria-labelledby="{uid}-t {uid}-d">'
        '<title id="{uid}-t">{title}</title><desc id="{uid}-d">{description}</desc>'
        '<g fill="none" stroke="currentColor" stroke-width="{weight}" stroke-linejoin="round">{frame}{motif}</g></svg>'
    ).format(
        none="" if emblem.is_earned else " badge--none",
        uid=uid,
        title=emblem.title,
        description=emblem.description,
        weight=weight,
        frame=frame,
        motif=motif(emblem.key),
    )


def _frame(emblem: Emblem) -> tuple[Markup, float]:
    """The frame around the motif and the weight of the lines: an outline, a double rim, or a band with marks."""
    edge = _EDGES[emblem.kind]
    if emblem.level is None:
        return Markup(f'<path d="{edge}" stroke-dasharray="3.5 3.5"/>'), 1.2  # noqa: S704  # our own paths
    inner = '<circle r="46" fill="currentColor" fill-opacity="0.07"/>'
    if emblem.level == 0:
        beads = '<circle r="51.5" stroke-width="3" stroke-dasharray="0 8.09" stroke-linecap="round"/>'
        return Markup(f'<path d="{edge}" stroke-width="2.2"/>{beads}{inner}'), 1.3  # noqa: S704  # our own paths
    hole = "M46 0A46 46 0 1 0 -46 0A46 46 0 1 0 46 0Z"
    band = f'<path d="{edge}{hole}" fill="currentColor" fill-rule="evenodd"/>'
    return Markup(f"{band}{inner}{_marks(emblem.level, emblem.levels)}"), 1.5  # noqa: S704  # our own paths and numbers


def _marks(level: int, levels: int) -> str:
    """One diamond per level along the foot of the band: filled as far as the level goes, then outlined."""
    marks = []
    for i in range(levels):
        x, y = _point(52, 0.25 - (i - (levels - 1) / 2) * 0.047).split()
        fill = "#fff" if i < level else "none"
        marks.append(f'<path transform="translate({x} {y})" d="M0 -4.6L4 0L0 4.6L-4 0Z" fill="{fill}"/>')
    return f'<g stroke="#fff" stroke-width="1.2">{"".join(marks)}</g>'


def _point(radius: float, angle: float) -> str:
    """Polar to "x y"; the angle is in turns of a circle."""
    return f"{radius * cos(2 * pi * angle):.1f} {radius * sin(2 * pi * angle):.1f}"


def _path(d: str, filled: bool = True) -> str:
    fill = 'fill="currentColor" fill-opacity="0.14"' if filled else 'fill="none"'
    return f'<path d="{d}" {fill}/>'


def _round(radii: Iterable[float]) -> str:
    """A closed smooth curve through points at equal angles, with these radii."""
    points = list(radii)
    return "M" + "L".join(_point(radius, i / len(points)) for i, radius in enumerate(points)) + "Z"


def _lobes(count: int, depth: float) -> tuple[float, ...]:
    """The radii of an edge with this many lobes."""
    steps = 12 * count
    return tuple(60 - depth + depth * abs(cos(pi * count * i / steps)) for i in range(steps))


_EDGES: Mapping[str, str] = {
    "quality": _round((60.0,) * 96),
    "cluster": _round(_lobes(10, 4.5)),
    "framework": _round(_lobes(18, 4.0)),
}


def _petals(one: Seed) -> str:
    half = (0.30 + 0.16 * one.swing) / one.fold

    def petal(radius: float, at: float) -> str:
        sides = [_point(radius * 0.6, at + side * half * 1.6) for side in (-1, 1)]
        root = _point(5, at)
        return _path(f"M{root}Q{sides[0]} {_point(radius, at)}Q{sides[1]} {root}Z")

    outer = (petal(REACH, i / one.fold) for i in range(one.fold))
    inner = (petal(REACH * 0.7, (i + 0.5) / one.fold) for i in range(one.fold))
    return "".join((*outer, *inner))


def _circles(one: Seed) -> str:
    radius = REACH * (0.44 + 0.1 * one.swing)
    centres = (_point(REACH - radius, i / one.fold).split() for i in range(one.fold))
    return "".join(
        f'<circle cx="{x}" cy="{y}" r="{radius:.1f}" fill="currentColor" fill-opacity="0.1"/>' for x, y in centres
    )


def _star(one: Seed) -> str:
    points = one.fold + 2
    step = next(step for step in (3, 2, 4) if gcd(points, step) == 1)
    return _path(_polygon(points, step) + _polygon(points, 1, 0.5 + 0.12 * one.swing))


def _polygon(points: int, step: int, share: float = 1.0, shift: float = 0.0) -> str:
    """A closed polygon, or a star polygon where ``step`` leaps over corners; ``share`` of ``REACH``."""
    corners = (_point(REACH * share, i * step / points + shift) for i in range(points))
    return "M" + "L".join(corners) + "Z"


def _twist(one: Seed) -> str:
    """Polygons, each turned a little and touching the sides of the one around it."""
    sides = 4 + one.fold % 3
    turn = (0.2 + 0.16 * one.swing) / sides
    shrink = cos(pi / sides) / cos(pi / sides - 2 * pi * turn)
    return "".join(_path(_polygon(sides, 1, shrink**layer, layer * turn)) for layer in range(6))


def _blades(one: Seed) -> str:
    bend = 0.5 + 0.25 * one.swing
    blades = []
    for i in range(one.fold):
        tip, back = _point(REACH, i / one.fold), _point(REACH * 0.45, (i + 0.75) / one.fold)
        arc = REACH * bend
        blades.append(_path(f"M0 0A{arc:.1f} {arc:.1f} 0 0 1 {tip}Q{back} 0 0Z"))
    return "".join(blades)


def _waves(one: Seed) -> str:
    rings = []
    for ring, (size, depth) in enumerate(((0.88, 0.12), (0.62, 0.11), (0.37, 0.09))):
        phase = pi * ring * (1 if one.swing > 0.5 else 0)
        steps = 24 * one.fold
        radii = (REACH * (size + depth * cos(2 * pi * one.fold * i / steps + phase)) for i in range(steps))
        rings.append(_path(_round(radii)))
    return "".join(rings)


def _rays(one: Seed) -> str:
    def lozenge(radius: float, at: float) -> str:
        width = 0.22 / one.fold
        near = radius * (0.5 + 0.14 * one.swing)
        return _path(f"M{_point(8, at)}L{_point(near, at - width)}L{_point(radius, at)}L{_point(near, at + width)}Z")

    long = (lozenge(REACH, i / one.fold) for i in range(one.fold))
    short = (lozenge(REACH * 0.68, (i + 0.5) / one.fold) for i in range(one.fold))
    return "".join((*long, *short))


def _loops(one: Seed) -> str:
    turns = next(turns for turns in (2, 3, 5) if gcd(turns, one.fold) == 1)
    steps = 60 * one.fold
    swell = 0.42 + 0.2 * one.swing
    points = []
    for i in range(steps):
        at = i / steps * turns
        radius = REACH / (1 + swell) * (1 + swell * cos(2 * pi * at * one.fold / turns))
        points.append(_point(radius, at))
    return _path("M" + "L".join(points) + "Z")


_FAMILIES: Mapping[str, Callable[[Seed], str]] = {
    "petals": _petals,
    "circles": _circles,
    "star": _star,
    "twist": _twist,
    "blades": _blades,
    "waves": _waves,
    "rays": _rays,
    "loops": _loops,
}


def _centre(one: Seed) -> str:
    if one.centre == 0:
        return '<circle r="3.4" fill="currentColor"/>'
    if one.centre == 1:
        return '<circle r="5" fill="none"/><circle r="1.6" fill="currentColor" stroke="none"/>'
    return ""
