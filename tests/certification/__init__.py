"""The acceptance list of LTI Advantage, LTI-01 to LTI-128: ``pytest.mark.lti("LTI-13")`` names what a test proves."""
