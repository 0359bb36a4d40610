"""The one tree of errors that a user can meet.

Every message is a single line that says what is wrong, which file or option it concerns, and what would
work. The command line prints it behind ``error: `` and exits with 1; any other exception is a bug.
"""


class AnimateError(Exception):
    """Something about the input or the surroundings keeps the job from being done."""


class MediaError(AnimateError):
    """A picture or video cannot be read or written."""


class FaceNotFoundError(AnimateError):
    """A face was required and none was found."""


class ConfigError(AnimateError):
    """A configuration names an unknown key, or a value that cannot work."""


class WeightsError(AnimateError):
    """A weights file is missing, damaged, or does not fit the model."""


class DownloadError(WeightsError):
    """An address does not give the weights file that it should."""


class DeviceError(AnimateError):
    """The requested device or precision is not available here, or ran out of memory."""


class DataError(AnimateError):
    """A data set is missing, unreadable or too small."""
