"""What hooks return: frozen records that say what a plugin supplies. The host acts on them."""

from meishi.declarations.billing import Aggregation, Meter, PlanFeature
from meishi.declarations.data import Extension, Migrations, Schemas
from meishi.declarations.events import (
    DeliveryMode,
    EventHandler,
    ReplayPolicy,
    Subscription,
    on,
)
from meishi.declarations.exchange import (
    Exporter,
    ImportChunk,
    Importer,
    ImportField,
    ImportPreview,
    ImportTask,
    RejectedItem,
)
from meishi.declarations.hooks import HookSpec
from meishi.declarations.jobs import Job, JobProgress, JobResult, JobScope
from meishi.declarations.lifecycle import Lifecycle
from meishi.declarations.merging import Merge, MergeHandler, MergeReport, UnmergeReport
from meishi.declarations.monitoring import (
    HealthCheck,
    HealthReport,
    HealthStatus,
    Metric,
    MetricKind,
    Sample,
)
from meishi.declarations.permissions import Permission
from meishi.declarations.personal_data import (
    DataSubject,
    ErasureReport,
    PersonalData,
    PersonalRecord,
    RetainedRecords,
)
from meishi.declarations.retry import RetryPolicy
from meishi.declarations.search import SearchHit, SearchProvider, SearchQuery
from meishi.declarations.services import Lifetime, PluginContext, Service
from meishi.declarations.settings import PluginSettings, SettingsLevel
from meishi.declarations.web import NavigationEntry, Page, Panel, PublicPage

__all__ = [
    "Aggregation",
    "DataSubject",
    "DeliveryMode",
    "ErasureReport",
    "EventHandler",
    "Exporter",
    "Extension",
    "HealthCheck",
    "HealthReport",
    "HealthStatus",
    "HookSpec",
    "ImportChunk",
    "ImportField",
    "ImportPreview",
    "ImportTask",
    "Importer",
    "Job",
    "JobProgress",
    "JobResult",
    "JobScope",
    "Lifecycle",
    "Lifetime",
    "Merge",
    "MergeHandler",
    "MergeReport",
    "Meter",
    "Metric",
    "MetricKind",
    "Migrations",
    "NavigationEntry",
    "Page",
    "Panel",
    "Permission",
    "PersonalData",
    "PersonalRecord",
    "PlanFeature",
    "PluginContext",
    "PluginSettings",
    "PublicPage",
    "RejectedItem",
    "ReplayPolicy",
    "RetainedRecords",
    "RetryPolicy",
    "Sample",
    "Schemas",
    "SearchHit",
    "SearchProvider",
    "SearchQuery",
    "Service",
    "SettingsLevel",
    "Subscription",
    "UnmergeReport",
    "on",
]
