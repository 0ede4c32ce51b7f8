"""Everything about ffmpeg: probe a source, plan a ladder, encode it, package it; no Django.

The order of a video: `probe.probe` → `plan.plan` → `opening.opening` (seconds later
something plays) → `copy.copy` and `encode.encode` for each piece → `package.package`.
"""

from wetube.video.transcoding.errors import (
    BadMedia,
    Cancelled,
    FfmpegFailed,
    TookTooLong,
    TranscodingError,
)

__all__ = ["BadMedia", "Cancelled", "FfmpegFailed", "TookTooLong", "TranscodingError"]
