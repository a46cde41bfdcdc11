"""The contact service's rules."""

from crm_contacts.service.bulk_edits import BulkEditService
from crm_contacts.service.consents import ConsentService
from crm_contacts.service.contacts import ContactService
from crm_contacts.service.custom_fields import CustomFieldService
from crm_contacts.service.documents import ContactDocumentService
from crm_contacts.service.dry_runs import DryRunService
from crm_contacts.service.duplicates import DuplicateService
from crm_contacts.service.history import HistoryService
from crm_contacts.service.import_mappings import ImportMappingService
from crm_contacts.service.import_undos import ImportUndoService
from crm_contacts.service.imports import ImportService
from crm_contacts.service.kept_mappings import KeptMappingService
from crm_contacts.service.lists import ContactListService
from crm_contacts.service.merging import MergeService
from crm_contacts.service.notes import NoteService
from crm_contacts.service.photo_intakes import PhotoIntakeService
from crm_contacts.service.photos import PhotoService
from crm_contacts.service.purges import PurgeService
from crm_contacts.service.relationships import RelationshipService
from crm_contacts.service.segments import SegmentService
from crm_contacts.service.sharing import SharingService
from crm_contacts.service.tags import TagService
from crm_contacts.service.timelines import TimelineService

__all__ = [
    "BulkEditService",
    "ConsentService",
    "ContactDocumentService",
    "ContactListService",
    "ContactService",
    "CustomFieldService",
    "DryRunService",
    "DuplicateService",
    "HistoryService",
    "ImportMappingService",
    "ImportService",
    "ImportUndoService",
    "KeptMappingService",
    "MergeService",
    "NoteService",
    "PhotoIntakeService",
    "PhotoService",
    "PurgeService",
    "RelationshipService",
    "SegmentService",
    "SharingService",
    "TagService",
    "TimelineService",
]
