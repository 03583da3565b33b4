"""Logging in and launching: what a learner's click sends, and what the LMS refuses."""


from tests.demo_lms_tests.tool import Side

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
AGS_CLAIM = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"


def test_a_moodle_launch_has_the_claims_of_the_measured_one(moodle: Side) -> None:
    placed = moodle.door("place", title="Self-belief", custom={"activity_id": "self-belief"}, line_item=100)

    claims = moodle.enter("priya").launch(f"launch/{placed['id']}")

    assert claims["exp"] - claims["iat"] == 60
    assert claims["iss"] == f"{moodle.lms}/moodle"
    assert claims[LTI + "deployment_id"] == "1"
    assert claims[LTI + "roles"] == ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"]
    assert claims[LTI + "custom"]["activity_id"] == "self-belief"
    assert claims[LTI + "custom"]["resource_link_id_history"] == "$ResourceLink.id.history"
    assert claims[LTI + "resource_link"]["id"] == str(placed["id"])
    assert claims[AGS_CLAIM]["lineitem"].endswith("/lineitem?type_id=1")
