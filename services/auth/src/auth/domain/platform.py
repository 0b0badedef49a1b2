"""The platform itself: where the sessions of its operators stand, who belong to no tenant."""

from common.ids import PLATFORM

__all__ = ["PLATFORM"]
