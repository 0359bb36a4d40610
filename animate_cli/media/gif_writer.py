"""GIF with one palette for the whole clip."""

from fractions import Fraction

from animate_cli.media.feed import INPUT, KEEP_TIMES
from animate_cli.media.process import Ffmpeg
from animate_cli.media.values import Pixels
from animate_cli.media.video_writer import VideoWriter
from animate_cli.temporary import remove

SHORTEST_DELAY = Fraction(1, 50)
DITHER = "dither=bayer:bayer_scale=5"


class GifWriter(VideoWriter):
    """Writes a GIF in two runs, so that memory stays flat and colours do not flicker.

    The first run keeps the frames without loss on disk while it counts their colours; the second maps them to
    the best 256. Delays are whole hundredths of a second, and frames closer than 20 ms, which browsers would
    show slowly, are left out.
    """

    def encode(self) -> Ffmpeg:
        """Start to keep the frames and count their colours."""
        self.draft = self.draft.with_suffix(".nut")
        self.palette = self.draft.with_suffix(".palette.nut")
        pixels = "bgra" if self.alpha else "bgr0"
        count = "[0:v]split[kept][counted];[counted]palettegen=stats_mode=full,setpts=0[palette]"
        keep = [
            "-map",
            "[kept]",
            "-c:v",
            "ffv1",
            "-pix_fmt",
            pixels,
            *KEEP_TIMES,
            "-f",
            "nut",
            f"file:{self.draft}",
        ]
        palette = [
            "-map",
            "[palette]",
            "-c:v",
            "ffv1",
            "-pix_fmt",
            "bgra",
            "-f",
            "nut",
            f"file:{self.palette}",
        ]
        return Ffmpeg([*INPUT, "-filter_complex", count, *keep, *palette])

    def add(self, image: Pixels, time: Fraction) -> None:
        """See FrameWriter."""
        if not self.num_frames:
            self.shown = time
        elif time - self.shown < SHORTEST_DELAY:
            return
        self.shown = time
        super().add(image, time)

    def draft_is_whole(self) -> bool:
        """Tell that the second run is always needed."""
        return False

    def assemble(self) -> None:
        """Map the kept frames to the palette."""
        delay = max(2, round((self.ends - self.shown) * 100))
        inputs = ["-i", "pipe:0", "-i", f"file:{self.palette}"]
        graph = ["-filter_complex", f"[0:v][1:v]paletteuse={DITHER}", *KEEP_TIMES]
        self.run = Ffmpeg([*inputs, *graph, "-final_delay", str(delay), *self.output(self.whole)])
        self.run.read(self.draft)
        self.run_to_end()
        remove(self.palette)

    def discard(self) -> None:
        """See FrameWriter."""
        super().discard()
        remove(self.palette)
