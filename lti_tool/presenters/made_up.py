"""Made-up answers to a self-assessment, for a preview's report: the same for everybody, and of every kind."""

from collections.abc import Mapping

from framework import assessment
from framework.assessment import Answer
from framework.assessment.self_assessment import importance_scale, qualities, rating_scale
from framework.catalogue import Activity, Catalogue


def answers(catalogue: Catalogue, activity: Activity) -> Mapping[str, Answer]:
    """An answer about each quality that the activity asks about."""
    points, importance = rating_scale(catalogue).points, importance_scale(catalogue)
    levels = catalogue.level_scheme.levels
    made = {}
    for place, one in enumerate(qualities(catalogue, activity)):
        value = {
            "statements": {
                each.key: points[(place * 2 + number * 3) % len(points)].value
                for number, each in enumerate(one.features)
            },
            "importance": importance.points[place * 3 % len(importance.points)].value if importance else None,
            "target": levels[place % len(levels)].value,
        }
        accepted = assessment.accept(catalogue, activity, one.key, value)
        made[one.key] = Answer(one.key, accepted, accepted, 1)
    return made
