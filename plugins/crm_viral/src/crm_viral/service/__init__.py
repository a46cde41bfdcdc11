"""The rules of the viral engine."""

from crm_viral.service.conversions import ConversionService
from crm_viral.service.participation import ParticipationService
from crm_viral.service.programmes import ProgrammeService
from crm_viral.service.recognition import RecognitionService
from crm_viral.service.rewards import RewardService
from crm_viral.service.sample import SampleService
from crm_viral.service.touches import TouchService

__all__ = [
    "ConversionService",
    "ParticipationService",
    "ProgrammeService",
    "RecognitionService",
    "RewardService",
    "SampleService",
    "TouchService",
]
