"""Pages for an LMS's administrator: what to paste, what has been registered, which clicks come next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_PRODUCT_IN_COURSE = "In a course, add the activity, press its “Select content” button and choose."

# What an administrator does in the LMS after it has registered the tool by itself.
_AFTER = {
    "moodle": (
        "Press Finish. Moodle goes back to “Manage tools” and shows the tool as pending.",
        "Now press Activate on the tool's card. Until then Moodle offers it to nobody.",
        "Press the cog on the card, set “Tool configuration usage” to “Show in activity chooser and as a preconfigured "
        "tool”, and save. In Moodle 4.3 and later the same switch is also in each course under “LTI External tools”.",
        f"{_PRODUCT_IN_COURSE} Grades arrive once an activity was made that way.",
    ),
    "canvas": (
        "Press Finish. Canvas shows what the tool asks for.",
        "Leave the services for grades and members switched on: without them no grade and no list of learners arrives.",
        "Press Enable, then choose the accounts or courses under Availability.",
        "In a course, add an assignment of type External tool, or use “Add item” in a module.",
    ),
    "brightspace": (
        "Press Finish. Go back to Manage Extensibility, LTI Advantage, and open the tool.",
        "Switch it on: Brightspace leaves new tools disabled.",
        "Tick Assignment and Grade Services, Names and Role Provisioning Services and Deep Linking.",
        "Under deployments, add one for your organisation units if there is none, and share name and e-mail with it.",
        "In a course, choose Add existing activities and this tool.",
    ),
    "blackboard": (
        "In the Administrator Panel open LTI Tool Providers and approve the tool.",
        "Allow grade service access and membership service access, and share role, name and e-mail.",
        "Pass on the deployment id that Blackboard shows, or open an activity once: it is listed here for approval.",
    ),
    "other": (
        "Press Finish and go back to your learning system.",
        "Switch the tool on there, if it is not on yet, and let it use grades, members and content selection.",
        "In a course, add it as an external tool and choose an activity.",
    ),
}

# The same for a registration by hand: where to begin, and what is asked for there.
_BY_HAND = (
    (
        "Moodle",
        (
            "Open Site administration, Plugins, Activity modules, External tool, Manage tools, and press “configure a "
            "tool manually”.",
            "Tool URL: the launch URL. LTI version: LTI 1.3. Public key type: Keyset URL. Fill in public keyset, "
            "initiate login URL and redirection URI.",
            "Tick Supports Deep Linking. Content selection URL: the launch URL. Custom parameters: as above.",
            "Services: “Use this service for grade sync and column management”, and use membership service.",
            "Privacy: share name and e-mail Always, accept grades Always.",
            "Tool configuration usage: “Show in activity chooser and as a preconfigured tool”. Save.",
            "Press the magnifying glass on the card: it shows client id and deployment id.",
        ),
        "lqf platform add --preset moodle --name NAME --url ADDRESS --client-id ID --deployment-id ID",
    ),
    (
        "Canvas",
        (
            "Open Admin, Developer Keys, add an LTI key, and choose Enter URL: paste the address of the configuration "
            "JSON.",
            "Save, switch the key on, and copy the number below “Details”: that is the client id.",
            "Open Admin, Settings, Apps, add an app By Client ID. Its cog shows the deployment id.",
        ),
        "lqf platform add --preset canvas --name NAME --url ADDRESS --client-id ID --deployment-id ID",
    ),
    (
        "Brightspace",
        (
            "Open Admin tools, Manage Extensibility, LTI Advantage, Register tool, Standard.",
            "Domain: the tool's address. Fill in redirect URL, OpenID Connect login URL, target link URI and keyset "
            "URL. Tick the three extensions.",
            "Register, copy the client id, then add a deployment, share name and e-mail with it, and copy its id.",
        ),
        "lqf platform add --preset brightspace --name NAME --url ADDRESS --client-id ID --deployment-id ID",
    ),
    (
        "Blackboard",
        (
            "Blackboard knows one client id for all its customers: the person who runs this tool registers it once "
            "in the developer portal.",
            "Open the Administrator Panel, LTI Tool Providers, Register LTI 1.3/Advantage Tool, and enter that id.",
            "Allow grade service and membership service access; share role, name and e-mail. Copy the deployment id.",
        ),
        "lqf platform add --preset blackboard --name NAME --client-id ID --deployment-id ID",
    ),
)


@dataclass(frozen=True, slots=True)
class RegisteredPage:
    """An LMS has registered the tool. ``steps`` are what its administrator does next; ``warnings`` what will lack."""

    title: str
    lead: str
    steps: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ByHand:
    """How one family is set up by hand, and the ``command`` that ends it on this side."""

    name: str
    steps: tuple[str, ...]
    command: str


@dataclass(frozen=True, slots=True)
class ValuesPage:
    """What an LMS asks for when the tool is registered by hand. ``values`` and ``custom``: name and value."""

    title: str
    lead: str
    values: tuple[tuple[str, str], ...]
    scopes: tuple[str, ...]
    custom: tuple[str, ...]
    families: tuple[ByHand, ...]
    note: str


_OWN_LOGIN = (
    "Another connection here has the same issuer. The login URL of this page belongs to one connection alone: it works "
    "also where the learning system does not say which of its registrations it means."
)


def registered(
    name: str, family: str, *, is_active: bool, is_update: bool, has_deployment: bool, lacking: Sequence[str]
) -> RegisteredPage:
    """After a registration. ``lacking``: what the LMS does not offer, in words."""
    if is_update:
        title, lead = "The connection is up to date", f"{name} was connected already; its addresses have been renewed."
    elif is_active:
        title, lead = "Registered", f"{name} and this tool know each other now."
    else:
        title = "Registered, and waiting for approval"
        lead = f"{name} is known here now. The person who runs this tool still has to approve it."
    warnings = [f"Your learning system does not offer {one}." for one in lacking]
    if not has_deployment:
        warnings.append(
            "Your learning system named no deployment. The first launch is refused and shown to the person who runs "
            "this tool, who approves it there."
        )
    return RegisteredPage(title, lead, _AFTER.get(family, _AFTER["other"]), tuple(warnings))


def values(
    base_url: str, product: str, scopes: Sequence[str], custom: Mapping[str, str], *, login_url: str = ""
) -> ValuesPage:
    """The page with the values to paste. ``login_url``: of one registration, where several share an issuer."""
    launch = f"{base_url}/lti/launch"
    return ValuesPage(
        title="Connect a learning system by hand",
        lead="The quick way is a registration link (lqf invite create), which your learning system takes as a whole. "
        "These values are for systems that cannot do that.",
        values=(
            ("Name", product),
            ("Tool URL, launch URL, target link URI", launch),
            ("Redirection URI", launch),
            ("Content selection URL, deep linking URL", launch),
            ("Initiate login URL, OpenID Connect login URL", login_url or f"{base_url}/lti/login"),
            ("Public keyset URL, JWKS URL", f"{base_url}/lti/jwks"),
            ("Configuration JSON for Canvas", f"{base_url}/lti/config/canvas.json"),
        ),
        scopes=tuple(scopes),
        custom=tuple(f"{name}={value}" for name, value in custom.items()),
        families=tuple(ByHand(*one) for one in _BY_HAND),
        note=_OWN_LOGIN if login_url else "",
    )
