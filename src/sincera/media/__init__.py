"""Pixels in and out: pictures, videos and folders of frames, upright RGB, told apart by content."""

from __future__ import annotations

from sincera.media.limits import DEFAULT_LIMITS, Limits
from sincera.media.pictures import Picture, read_picture
from sincera.media.reading import Frame, Frames, MediaInfo, probe, read_frames
from sincera.media.sampling import Rule, Sampling
from sincera.media.sniff import Kind, folder_pictures, natural_key, sniff, sniff_bytes
from sincera.media.writing import Codec, write_video

__all__ = [
    "DEFAULT_LIMITS",
    "Codec",
    "Frame",
    "Frames",
    "Kind",
    "Limits",
    "MediaInfo",
    "Picture",
    "Rule",
    "Sampling",
    "folder_pictures",
    "natural_key",
    "probe",
    "read_frames",
    "read_picture",
    "sniff",
    "sniff_bytes",
    "write_video",
]
