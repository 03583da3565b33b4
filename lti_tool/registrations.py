"""The registrations that launches are for, remembered by each process.

A launch is verified with what is remembered, and the statement that lets it in asks whether that still stands
(``framework.store.returns``): nobody comes in by a registration that has been disabled or changed meanwhile. Whatever
else is to become of a launch is decided on the registration as it is now.
"""

import uuid

from framework.store import platforms
from framework.store.sessions import Store
from framework.store.tables import Deployment, Platform


class Registrations:
    """One per process; threads may share it. It grows with the deployments that are there, and with nothing else."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[tuple[uuid.UUID, str | None], tuple[Platform, Deployment]] = {}

    def remembered(self, platform_id: uuid.UUID, lti_deployment_id: str | None) -> tuple[Platform, Deployment] | None:
        """A platform and the deployment that the LMS named, both active when last read. Nobody may change them."""
        return self._kept.get((platform_id, lti_deployment_id))

    def present(
        self, platform_id: uuid.UUID, lti_deployment_id: str | None
    ) -> tuple[Platform | None, Deployment | None]:
        """The same as they are now, whatever their state; None for what is not there."""
        with self._store.looking() as connection:
            platform, deployment = platforms.registration(connection, platform_id, lti_deployment_id)
        if platform and deployment and platform.state == deployment.state == "active":
            self._kept[platform_id, lti_deployment_id] = platform, deployment
        else:
            self._kept.pop((platform_id, lti_deployment_id), None)
        return platform, deployment
