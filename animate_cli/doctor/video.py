"""ffmpeg, which encodes, and PyAV, which decodes."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator

from animate_cli.doctor.finding import Finding, note, ok, problem, reason
from animate_cli.doctor.loading import load_elsewhere

VARIABLE = "IMAGEIO_FFMPEG_EXE"
PATIENCE = 30
DECODED = ("h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "mjpeg", "prores", "aac", "mp3", "opus")


class FfmpegError(Exception):
    """ffmpeg cannot be found or run."""


def check_ffmpeg() -> Iterator[Finding]:
    """Report which ffmpeg is used and its version, or what keeps it from running."""
    try:
        executable = find_ffmpeg()
        words = run_ffmpeg(executable, "-version").split()
    except FfmpegError as error:
        yield problem("ffmpeg", str(error), _advice())
        return
    version = words[2] if words[:2] == ["ffmpeg", "version"] else None
    if version is None:
        yield problem("ffmpeg", f"{executable} is another program", _advice())
        return
    yield ok("ffmpeg", f"{version}, {executable}", version=version, executable=executable)


def _advice() -> str:
    if os.environ.get(VARIABLE):
        return f"{VARIABLE} chooses it: correct the path, or unset it to use the one that comes with animate"
    return "install imageio-ffmpeg again, which brings it along"


def find_ffmpeg() -> str:
    """Return the executable that `animate` uses.

    Raises:
        FfmpegError: there is none.
    """
    try:
        import imageio_ffmpeg

        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError) as error:
        raise FfmpegError(f"was not found ({reason(error)})") from error


def run_ffmpeg(executable: str, option: str) -> str:
    """Return what ffmpeg says when it is asked for something.

    Raises:
        FfmpegError: it cannot be run or fails.
    """
    try:
        done = subprocess.run(
            [executable, "-hide_banner", option],
            capture_output=True, text=True, errors="replace", timeout=PATIENCE, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise FfmpegError(f"{executable} cannot be run ({reason(error)})") from error
    if done.returncode:
        raise FfmpegError(f"{executable} fails with code {done.returncode}")
    return done.stdout


def list_encoders(executable: str) -> frozenset[str]:
    """Return the names of all that an ffmpeg can encode to.

    Raises:
        FfmpegError: it cannot be asked.
    """
    return frozenset(
        re.findall(r"^ [VAS][F.][S.][X.][B.][D.] (\S+)", run_ffmpeg(executable, "-encoders"), re.M)
    )


def check_encoders() -> Iterator[Finding]:
    """Report which encoders there are for what `animate` can write."""
    needed = needed_encoders()
    there = list_encoders(find_ffmpeg())
    here = [name for name in needed if name in there]
    yield ok("encoders", ", ".join(here) or "none", encoders=here)
    for name in needed.keys() - there:
        yield _missing(name, needed[name])


def _missing(name: str, purpose: str) -> Finding:
    text, advice = f"{name} is missing, for {purpose}", "use the ffmpeg that imageio-ffmpeg brings along"
    say = problem if name == default_encoder() else note
    return say("encoders", text, f"{advice} ({VARIABLE} chooses another)")


def default_encoder() -> str:
    """Return the encoder of an .mp4, the usual result."""
    from animate_cli.media.formats import CODECS, MP4

    return CODECS[MP4.codecs[0]].encoder


def needed_encoders() -> dict[str, str]:
    """List the encoders that the output formats ask for, and what each is for."""
    from animate_cli.media.formats import AAC, CODECS, OPUS

    needed = {codec.encoder: f"pictures as {name}" for name, codec in CODECS.items()}
    return {**needed, **{sound[1]: "sound" for sound in (AAC, OPUS)}}


def check_decoding() -> Iterator[Finding]:
    """Report PyAV, its libraries, and what it cannot decode."""
    complaint = load_elsewhere("av")
    if complaint:
        advice = f"install it again: {sys.executable} -m pip install --force-reinstall av"
        yield problem("decoding", f"PyAV does not load: {complaint}", advice)
        return
    import av

    libraries = {name: ".".join(map(str, number)) for name, number in av.library_versions.items()}
    shown = ", ".join(
        f"{name} {libraries[name]}" for name in ("libavcodec", "libavformat") if name in libraries
    )
    yield ok("decoding", f"PyAV {av.__version__} with {shown}", version=av.__version__, libraries=libraries)
    missing = [name for name in DECODED if name not in av.codecs_available]
    if missing:
        yield note("decoding", f"no decoder for {', '.join(missing)}", "install PyAV from its own wheel")
