"""Media types of the services, compared as strings where real platforms do so."""

LINE_ITEM = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEM_CONTAINER = "application/vnd.ims.lis.v2.lineitemcontainer+json"
RESULT_CONTAINER = "application/vnd.ims.lis.v2.resultcontainer+json"
SCORE = "application/vnd.ims.lis.v1.score+json"
GROUP_CONTAINER = "application/vnd.ims.lti-gs.v1.contextgroupcontainer+json"
MEMBERSHIP_CONTAINER = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"


def listed(accept: str, media_type: str) -> bool:
    """Whether an Accept header names the type, any type, or is empty; parameters are ignored."""
    named = {part.partition(";")[0].strip().lower() for part in accept.split(",")}
    return bool(named & {media_type, "*/*", "application/*", "application/json", ""})
