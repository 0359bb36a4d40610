"""What can be written, by the ending of its name, and how ffmpeg is asked for it."""

from dataclasses import dataclass
from pathlib import Path

from animate_cli.errors import MediaError

TO_BT709 = "scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd+full_chroma_int"
TAG_BT709 = "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv"
NO_REORDERING = "0"
"""B-frames are off: with them a varying rate's last frames lose their time in mp4."""


@dataclass(frozen=True)
class Codec:
    """How a picture codec is asked of ffmpeg.

    crf: the default quality, None where the codec has no such scale, which ends at worst_crf.
    yuv: stored as BT.709 YUV. even: needs even sizes. alpha_format: the pixel format that keeps transparency,
    where there is one. fast: options that encode sooner into a larger file.
    """

    encoder: str
    pixel_format: str
    options: tuple[str, ...] = ()
    crf: int | None = None
    worst_crf: int = 63
    yuv: bool = True
    even: bool = False
    alpha_format: str | None = None
    fast: tuple[str, ...] = ()


CODECS = {
    "h264": Codec(
        "libx264",
        "yuv420p",
        ("-bf", NO_REORDERING),
        crf=18,
        worst_crf=51,
        even=True,
        fast=("-preset", "veryfast"),
    ),
    "hevc": Codec(
        "libx265",
        "yuv420p",
        ("-tag:v", "hvc1", "-x265-params", "log-level=error:bframes=0"),
        crf=20,
        worst_crf=51,
        even=True,
    ),
    "av1": Codec("libsvtav1", "yuv420p", ("-preset", "8"), crf=28, even=True),
    "vp9": Codec(
        "libvpx-vp9",
        "yuv420p",
        ("-b:v", "0", "-row-mt", "1", "-cpu-used", "4"),
        crf=24,
        alpha_format="yuva420p",
    ),
    "prores": Codec("prores_ks", "yuv422p10le", even=True, alpha_format="yuva444p10le"),
    "ffv1": Codec("ffv1", "bgr0", ("-g", "1"), yuv=False, alpha_format="bgra"),
    "gif": Codec("gif", "pal8", yuv=False, alpha_format="pal8"),
    "apng": Codec("apng", "rgb24", ("-pred", "mixed"), yuv=False, alpha_format="rgba"),
}
ALIASES = {
    "avc": "h264",
    "libx264": "h264",
    "h265": "hevc",
    "libx265": "hevc",
    "libsvtav1": "av1",
    "libvpx-vp9": "vp9",
    "prores_ks": "prores",
}


@dataclass(frozen=True)
class Container:
    """A file format.

    muxer: ffmpeg's name. codecs: picture codecs that play there, the default first; likewise alpha_codecs.
    sound: the encoder for sound, none where there is no sound. keeps: sound codecs that are copied.
    hides_front: whether a track's front can be kept and not played, by an edit list.
    """

    muxer: str
    codecs: tuple[str, ...]
    alpha_codecs: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    sound: tuple[str, ...] = ()
    keeps: frozenset[str] = frozenset()
    hides_front: bool = False


AAC = ("-c:a", "aac", "-b:a", "192k")
OPUS = ("-c:a", "libopus", "-b:a", "128k")
FAST_START = ("-movflags", "+faststart")
MP4 = Container(
    "mp4",
    ("h264", "hevc", "av1", "vp9"),
    options=FAST_START,
    sound=AAC,
    keeps=frozenset({"aac", "mp3", "ac3", "eac3", "alac"}),
    hides_front=True,
)
APNG = Container("apng", ("apng",), ("apng",), options=("-plays", "0"))
CONTAINERS = {
    ".mp4": MP4,
    ".m4v": MP4,
    ".mov": Container(
        "mov",
        ("h264", "hevc", "prores"),
        ("prores",),
        options=FAST_START,
        sound=AAC,
        keeps=frozenset({"aac", "mp3", "ac3", "alac", "pcm_s16le"}),
        hides_front=True,
    ),
    ".webm": Container("webm", ("vp9", "av1"), ("vp9",), sound=OPUS, keeps=frozenset({"opus", "vorbis"})),
    ".mkv": Container(
        "matroska",
        ("h264", "hevc", "av1", "vp9", "ffv1"),
        ("ffv1", "vp9"),
        sound=AAC,
        keeps=frozenset({"aac", "mp3", "ac3", "eac3", "opus", "vorbis", "flac", "pcm_s16le"}),
    ),
    ".gif": Container("gif", ("gif",), ("gif",), options=("-loop", "0")),
    ".png": APNG,
    ".apng": APNG,
}
STILLS = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".bmp": "BMP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}


def container_for(path: Path) -> Container:
    """Return the container that the ending of path names.

    Raises:
        MediaError: The ending names none.
    """
    container = CONTAINERS.get(path.suffix.lower())
    if container is None:
        known = ", ".join(ending for ending in CONTAINERS if ending not in (".m4v", ".apng"))
        raise MediaError(
            f"{path}: a moving picture cannot be written with the ending {path.suffix!r};"
            f" use {known}, or a name without ending for a folder of PNG frames"
        )
    return container


def codec_for(path: Path, name: str | None, *, alpha: bool) -> Codec:
    """Return the codec asked for by name, or the container's own for name None.

    Raises:
        MediaError: The codec is unknown or cannot be kept there, or there is no place for alpha.
    """
    container = container_for(path)
    able = container.alpha_codecs if alpha else container.codecs
    if not able:
        raise MediaError(f"{path}: {path.suffix} cannot keep transparency; use .png, .webm or .mov")
    chosen = able[0] if name is None else ALIASES.get(name.lower(), name.lower())
    if chosen not in able:
        kept = "with transparency " if alpha else ""
        raise MediaError(f"{path}: codec {name!r} {kept}is not for {path.suffix}; use {', '.join(able)}")
    return CODECS[chosen]
