"""What this door's answers look like, and the field types they share. The API description is made of these."""

import uuid
from datetime import UTC, datetime
from typing import Any

import marshmallow as ma

from framework.store.columns import parse_public_id, public_id


class PublicId(ma.fields.Field[uuid.UUID]):
    """An id as clients see it: a prefix and 26 characters. Any other text is refused, so no typo finds nothing."""

    def __init__(self, prefix: str, **kwargs: Any) -> None:
        self.prefix = prefix
        metadata = {"pattern": f"^{prefix}_[a-z2-7]{{26}}$", **kwargs.pop("metadata", {})}
        super().__init__(metadata=metadata, **kwargs)

    def _serialize(self, value: uuid.UUID | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else public_id(self.prefix, value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> uuid.UUID:
        found = parse_public_id(self.prefix, value) if isinstance(value, str) else None
        if found is None:
            raise ma.ValidationError(f"Use an id that begins with {self.prefix}_, as another answer gave it.")
        return found


class Instant(ma.fields.Field[datetime]):
    """A moment, RFC 3339 in UTC with Z, to the microsecond."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"format": "date-time", **kwargs.pop("metadata", {})}, **kwargs)

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else show_instant(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is None:
                raise ValueError(value)
            return moment.astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            raise ma.ValidationError("Use a UTC time with Z, for example 2026-09-01T00:00:00Z.") from None


def show_instant(value: datetime) -> str:
    """A moment as this API writes it."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class AnswerSchema(ma.Schema):
    """Root of what is sent. Described as open, because fields may be added."""

    class Meta:
        unknown = ma.EXCLUDE


class FieldErrorSchema(AnswerSchema):
    """One wrong field of a request."""

    where = ma.fields.String(data_key="in", required=True, metadata={"enum": ["query", "body"]})
    pointer = ma.fields.String(required=True, metadata={"description": "JSON pointer to the field."})
    code = ma.fields.String(required=True)
    message = ma.fields.String(required=True)


class ProblemSchema(AnswerSchema):
    """A problem document (RFC 9457)."""

    type = ma.fields.URL(required=True, metadata={"description": "The address of a page about this kind of problem."})
    title = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    code = ma.fields.String(required=True, metadata={"description": "The kind of problem, for programs."})
    detail = ma.fields.String(required=True)
    instance = ma.fields.String(required=True, metadata={"description": "The path that was asked for."})
    request_id = ma.fields.String(required=True, metadata={"description": "Quote this when you report the problem."})
    errors = ma.fields.List(ma.fields.Nested(FieldErrorSchema))


class PageSchema(AnswerSchema):
    """Where a list goes on."""

    has_more = ma.fields.Boolean(required=True)
    next_cursor = ma.fields.String(required=True, allow_none=True)


class AsOfSchema(AnswerSchema):
    """The point up to which a walk through a list is known to be complete."""

    as_of = Instant(required=True, metadata={"description": "Pass this on as updated_since of your next walk."})


class DeliverySchema(AnswerSchema):
    """What became of the grade in the LMS's gradebook."""

    id = PublicId("grd", required=True, allow_none=True)
    version = ma.fields.Integer(required=True, allow_none=True)
    state = ma.fields.String(
        required=True,
        metadata={
            "description": "not_due: nothing to send. pending: will be sent. delivered. failed: somebody must look. "
            "overridden: a teacher's own grade stands. More may be added.",
            "example": "delivered",
        },
    )
    line_item = ma.fields.String(required=True, allow_none=True, metadata={"description": "The LMS's column, a URL."})
    delivered_at = Instant(required=True, allow_none=True)
    reason = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Why it is pending, failed or overridden; a code."}
    )
    message = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "The same for people, in English."}
    )
    tried_at = Instant(required=True, allow_none=True, metadata={"description": "When it was last tried."})
    next_try_at = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "When it is tried again by itself. Null: not at all, or nothing is to be sent."},
    )
    updated_at = Instant(required=True, allow_none=True)


class DeliveryItemSchema(AnswerSchema):
    """What became of one grade."""

    data = ma.fields.Nested(DeliverySchema, required=True)


class SectionSchema(AnswerSchema):
    """A section or group of a course."""

    id = ma.fields.String(required=True, metadata={"description": "The LMS's own id.", "example": "42"})
    title = ma.fields.String(required=True, allow_none=True, metadata={"description": "Null where the LMS tells none."})


class ProgressSchema(AnswerSchema):
    """One person's progress in one activity of one placement."""

    id = PublicId("prg", required=True)
    version = ma.fields.Integer(required=True)
    person_id = PublicId("prs", required=True)
    is_test = ma.fields.Boolean(required=True, metadata={"description": "The LMS's test user, not a person."})
    course_id = PublicId("crs", required=True)
    course_title = ma.fields.String(required=True)
    sections = ma.fields.List(
        ma.fields.Nested(SectionSchema),
        required=True,
        metadata={"description": "Those the person is in now. Like a title, a change of section brings no row again."},
    )
    platform_id = PublicId("plt", required=True)
    framework = ma.fields.String(required=True, attribute="framework_key", metadata={"example": "leadership-qualities"})
    activity_key = ma.fields.String(required=True, metadata={"example": "self-belief"})
    activity_type = ma.fields.String(required=True, allow_none=True, metadata={"example": "module"})
    quality = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Null for an activity about the whole framework."}
    )
    content_edition = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Edition of the attempt that counts, or of the one under way."},
    )
    status = ma.fields.String(
        required=True, metadata={"description": "in_progress or completed. More may be added.", "example": "completed"}
    )
    fraction_complete = ma.fields.Float(required=True, metadata={"minimum": 0, "maximum": 1})
    points = ma.fields.Float(required=True, allow_none=True)
    maximum = ma.fields.Float(required=True, allow_none=True)
    attempts = ma.fields.Integer(required=True, metadata={"description": "Attempts begun."})
    started_at = Instant(required=True)
    completed_at = Instant(required=True, allow_none=True)
    updated_at = Instant(required=True)
    grade_delivery = ma.fields.Nested(DeliverySchema, required=True)


class ProgressListSchema(AnswerSchema):
    """A page of progress."""

    data = ma.fields.List(ma.fields.Nested(ProgressSchema), required=True)
    page = ma.fields.Nested(PageSchema, required=True)
    meta = ma.fields.Nested(AsOfSchema, required=True)


class ProgressItemSchema(AnswerSchema):
    """One row of progress."""

    data = ma.fields.Nested(ProgressSchema, required=True)


class IdentitySchema(AnswerSchema):
    """How one LMS names a person."""

    platform_id = PublicId("plt", required=True)
    user_id = ma.fields.String(required=True, attribute="sub", metadata={"description": "The LMS's own id."})
    sis_id = ma.fields.String(
        required=True,
        allow_none=True,
        attribute="sourcedid",
        metadata={"description": "The id in the records system behind the LMS, where the LMS sends it."},
    )
    is_test = ma.fields.Boolean(required=True)


class PersonSchema(AnswerSchema):
    """A person. Names and addresses are there only where the LMS sends them."""

    id = PublicId("prs", required=True)
    version = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True, allow_none=True)
    email = ma.fields.String(required=True, allow_none=True)
    locale = ma.fields.String(required=True, allow_none=True)
    same_as = PublicId(
        "prs",
        required=True,
        allow_none=True,
        attribute="linked_to",
        metadata={"description": "The person this one has been found to be."},
    )
    erased_at = Instant(required=True, allow_none=True)
    updated_at = Instant(required=True)
    identities = ma.fields.List(ma.fields.Nested(IdentitySchema), required=True)


class PersonListSchema(AnswerSchema):
    """A page of people."""

    data = ma.fields.List(ma.fields.Nested(PersonSchema), required=True)
    page = ma.fields.Nested(PageSchema, required=True)


class ConditionSchema(AnswerSchema):
    """One condition of an award as it stood when it was made."""

    key = ma.fields.String(required=True)
    text = ma.fields.String(required=True)
    needed = ma.fields.Integer(required=True)
    have = ma.fields.Integer(required=True)
    is_met = ma.fields.Boolean(required=True)


class AwardSchema(AnswerSchema):
    """One award of a badge. ``level`` 0 is Explored: studied, and nobody has judged practice."""

    id = PublicId("awd", required=True)
    version = ma.fields.Integer(required=True)
    person_id = PublicId("prs", required=True)
    framework = ma.fields.String(required=True, attribute="framework_key")
    badge = ma.fields.String(required=True, attribute="badge_key", metadata={"example": "self-belief"})
    kind = ma.fields.String(required=True, metadata={"description": "quality, cluster or framework."})
    level = ma.fields.Integer(required=True, metadata={"minimum": 0})
    label = ma.fields.String(required=True, metadata={"example": "Consistent"})
    wording = ma.fields.String(required=True, metadata={"description": "What the badge says."})
    state = ma.fields.String(required=True, metadata={"description": "active, replaced or withdrawn."})
    reason = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Why it was replaced or withdrawn."}
    )
    until = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "The day on which it runs out.", "format": "date"}
    )
    rules_digest = ma.fields.String(required=True)
    conditions = ma.fields.List(ma.fields.Nested(ConditionSchema), required=True)
    awarded_at = Instant(required=True, attribute="at")
    updated_at = Instant(required=True)


class AwardListSchema(AnswerSchema):
    """A page of awards."""

    data = ma.fields.List(ma.fields.Nested(AwardSchema), required=True)
    page = ma.fields.Nested(PageSchema, required=True)


class ChangeSchema(AnswerSchema):
    """One write of one object. Read the object itself for its contents."""

    seq = ma.fields.String(required=True, metadata={"example": "chg_0000000000412234"})
    type = ma.fields.String(required=True, metadata={"description": "More may be added.", "example": "progress"})
    action = ma.fields.String(required=True, metadata={"enum": ["upsert", "delete"]})
    id = ma.fields.String(required=True, metadata={"example": "prg_agnkyyfm3j2lxoqj7frhkfbqiy"})
    version = ma.fields.Integer(required=True)
    at = Instant(required=True)


class ChangeListSchema(AnswerSchema):
    """A page of the change feed. next_cursor is always given: keep it for the next call."""

    data = ma.fields.List(ma.fields.Nested(ChangeSchema), required=True)
    page = ma.fields.Nested(PageSchema, required=True)


class LinksSchema(AnswerSchema):
    """Where everything is."""

    version = ma.fields.String(required=True, metadata={"example": "v1"})
    links = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.URL(), required=True)
