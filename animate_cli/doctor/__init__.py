"""What keeps `animate` from working here, and what would help.

Every check imports what it needs when it runs, so that a broken library spoils its own findings only.
"""

from animate_cli.doctor.examine import CHECKS, Check, examine, works
from animate_cli.doctor.finding import Finding, note, ok, problem

__all__ = ["CHECKS", "Check", "Finding", "examine", "note", "ok", "problem", "works"]
