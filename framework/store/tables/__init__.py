"""Every table. Directory tables are small and read before the tenant is known; all others are tenant tables.

A tenant table's primary key is (tenant_id, id), and each unique key, foreign key and index begins with tenant_id,
so that an existing distributed PostgreSQL can shard it by tenant.
"""

from framework.store.tables.arrival import (
    Context,
    Identity,
    LineItem,
    Membership,
    Person,
    Pick,
    ResourceLink,
    Section,
    Visit,
)
from framework.store.tables.connection import ConnectionTest
from framework.store.tables.directory import ApiClient, Deployment, Invite, Platform, Tenant, ToolKey
from framework.store.tables.learning import Answer, Attempt, Edition, Evidence, Progress
from framework.store.tables.notice import CopiedPlacement, Notice
from framework.store.tables.nudge import Nudge, NudgedPerson
from framework.store.tables.practice import Assessor, Judgement
from framework.store.tables.record import Audit, Change, ChangeFeed
from framework.store.tables.remarking import Remark
from framework.store.tables.row import DirectoryRow, Row, TenantRow, Versioned
from framework.store.tables.standing import Award, Competency
from framework.store.tables.terms import LearnerAllowance, SettingChange
from framework.store.tables.work import GradePush, Task

__all__ = [
    "Answer",
    "ApiClient",
    "Assessor",
    "Attempt",
    "Audit",
    "Award",
    "Change",
    "ChangeFeed",
    "Competency",
    "ConnectionTest",
    "Context",
    "CopiedPlacement",
    "Deployment",
    "DirectoryRow",
    "Edition",
    "Evidence",
    "GradePush",
    "Identity",
    "Invite",
    "Judgement",
    "LearnerAllowance",
    "LineItem",
    "Membership",
    "Notice",
    "Nudge",
    "NudgedPerson",
    "Person",
    "Pick",
    "Platform",
    "Progress",
    "Remark",
    "ResourceLink",
    "Row",
    "Section",
    "SettingChange",
    "Task",
    "Tenant",
    "TenantRow",
    "ToolKey",
    "Versioned",
    "Visit",
]
