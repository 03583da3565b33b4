"""Small charts of a profile, one row each, as inline SVG: a rating then and now, and a level with its target.

Pure geometry. Each picture is read out as one sentence (``role="img"``); shape tells then from now, not colour alone.
A target stands on the steps of the levels and never on the axis of the ratings: a self-rating is no level.
"""

from markupsafe import Markup, escape

WIDTH, HEIGHT, EDGE = 240, 24, 12  # units of a rating's picture; the axis runs from EDGE to WIDTH - EDGE
STEP, GAP = 18, 4  # width of one level's step, and the space after it


def ratings(then: float | None, now: float | None, lowest: int, highest: int, label: str) -> Markup:
    """A rating on its scale: a ring for then, a disc for now, a line between. None is not drawn."""
    middle = HEIGHT / 2

    def at(value: float) -> float:
        return round(EDGE + (WIDTH - 2 * EDGE) * (value - lowest) / (highest - lowest), 1)

    ticks = (f'<path d="M{at(value)} {middle - 4}v8" class="dumbbell__axis"/>' for value in range(lowest, highest + 1))
    parts = [f'<path d="M{EDGE} {middle}H{WIDTH - EDGE}" class="dumbbell__axis"/>', *ticks]
    if then is not None and now is not None:
        parts.append(f'<path d="M{at(then)} {middle}H{at(now)}" class="dumbbell__bar"/>')
    if now is not None:
        parts.append(f'<circle cx="{at(now)}" cy="{middle}" r="7" class="dumbbell__now"/>')
    if then is not None:  # on top: a ring around the disc where nothing changed
        is_same = now is not None and at(then) == at(now)
        radius, state = (10, "dumbbell__then is-same") if is_same else (6, "dumbbell__then")
        parts.append(f'<circle cx="{at(then)}" cy="{middle}" r="{radius}" class="{state}"/>')
    return _picture("dumbbell", WIDTH, parts, label)


def level_steps(held: int, target: int | None, highest: int, label: str) -> Markup:
    """The steps of the levels: filled up to the one that is held, a mark above the one that is aimed for."""
    parts = []
    for value in range(1, highest + 1):
        left = (value - 1) * (STEP + GAP) + 1
        state = "dumbbell__step is-held" if value <= held else "dumbbell__step"
        parts.append(f'<rect x="{left}" y="12" width="{STEP}" height="9" rx="2" class="{state}"/>')
        if value == target:
            centre = left + STEP / 2
            parts.append(f'<path d="M{centre} 11l-5-8h10z" class="dumbbell__target"/>')
    return _picture("steps-picture", highest * (STEP + GAP), parts, label)


def _picture(name: str, width: int, parts: list[str], label: str) -> Markup:
    body = Markup("".join(parts))  # noqa: S704  # numbers only
    return Markup('<svg class="{}" viewBox="0 0 {} {}" role="img" aria-label="{}" focusable="false">{}</svg>').format(
        name, width, HEIGHT, escape(label), body
    )
