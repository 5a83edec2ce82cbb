"""The making itself, in a child process with limits: ``python -m mingzhi.recording.making``.

Takes one task as JSON on standard input, writes the result to ``target`` and tells progress and the end
as JSON lines on standard output. It knows no database and no Django: what people uploaded is opened here
and nowhere else, so a file that makes a decoder fall over takes only this process along.

Everything is decoded, changed and encoded anew. Nothing is copied through: no metadata, no chapters, no
subtitles, no attachments, and of a masked box no pixel (fill: one colour; mosaic: at most 6 × 6 averages).
"""

from __future__ import annotations

import contextlib
import json
import resource
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont, ImageOps

TOOL = "1"
MAX_PIXELS = 80_000_000
MAX_FRAME = 4096 * 2304
AAC_RATES = frozenset({8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000})
CELLS = 6
"""A mosaic box keeps at most this many averages along each side: too few to read a face or a plate."""
JPEG = 92
PDF_DPI = 150


class Refused(Exception):
    """A sentence for the person who ordered."""


def _say(**what: Any) -> None:
    sys.stdout.write(json.dumps(what, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _limit(task: dict[str, Any]) -> None:
    memory, cpu, size = task["memory"], task["cpu"], task["size"]
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


# --- pixels --------------------------------------------------------------------------------------


def _upright(source: str) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with Image.open(source) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise Refused("图片过大，超过 8000 万像素")
            opened.load()
            seen = ImageOps.exif_transpose(opened)
            shown = seen.convert("RGB") if seen.mode not in {"RGB", "RGBA", "L"} else seen.copy()
            # What Pillow carries along by itself (comments, profiles, text chunks) ends here.
            shown.info = {}
            return shown
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise Refused("图片无法打开，可能已损坏或者不是支持的格式") from error


def cover(picture: Image.Image, boxes: list[dict[str, Any]]) -> Image.Image:
    """``picture`` with every box filled or averaged. Afterwards no original pixel is left in a box."""
    for box in boxes:
        left, top = max(0, box["x"]), max(0, box["y"])
        right, bottom = min(picture.width, box["x"] + box["w"]), min(picture.height, box["y"] + box["h"])
        if right <= left or bottom <= top:
            continue
        area = (left, top, right, bottom)
        if box["mode"] == "mosaic":
            part = picture.crop(area)
            few = part.resize((_cells(part.width), _cells(part.height)), Image.Resampling.BOX)
            picture.paste(few.resize(part.size, Image.Resampling.NEAREST), area)
        else:
            picture.paste("black", area)
    return picture


def _cells(pixels: int) -> int:
    """How many averages along a side: never more than ``CELLS``, each over at least sixteen pixels."""
    return max(1, min(CELLS, pixels // 16))


def _font(task: dict[str, Any], size: int) -> Any:
    try:
        return ImageFont.truetype(task["font"], size)
    except OSError as error:
        raise Refused("未找到中文字体，不能加注水印；请联系系统管理员") from error


def _mark(size: tuple[int, int], task: dict[str, Any]) -> Image.Image:
    """Where and how strongly the watermark lies, as a grey mask: slanted all over, and a line at the foot."""
    width, height = size
    text = task["watermark"]
    step = max(14, min(width, height) // 28)
    font = _font(task, step)
    sheet = Image.new("L", (int(1.5 * (width + height)),) * 2, 0)
    pen = ImageDraw.Draw(sheet)
    long = int(pen.textlength(text, font=font)) + step * 4
    for row, y in enumerate(range(0, sheet.height, step * 6)):
        for x in range(-(row % 2) * long // 2, sheet.width, long):
            pen.text((x, y), text, fill=96, font=font)
    turned = sheet.rotate(30, resample=Image.Resampling.BILINEAR)
    left, top = (turned.width - width) // 2, (turned.height - height) // 2
    mark = turned.crop((left, top, left + width, top + height))
    foot = _font(task, max(12, step * 2 // 3))
    pen = ImageDraw.Draw(mark)
    room, lines, line = width - 8, [], ""
    for sign in text:
        if pen.textlength(line + sign, font=foot) > room and line:
            lines.append(line)
            line = ""
        line += sign
    lines = [*lines, line][-3:]
    high = int(foot.size * 1.4)
    for n, words in enumerate(lines):
        pen.text((4, height - high * (len(lines) - n)), words, fill=230, font=foot)
    return mark


def stamp(picture: Image.Image, mark: Image.Image) -> Image.Image:
    """Burn the mark in: dark where the picture is light and light where it is dark, so that it shows."""
    base = picture.convert("RGB")
    tone = ImageOps.invert(base.convert("L").resize((8, 8), Image.Resampling.BOX)).resize(base.size)
    ink = tone.point(lambda v: 235 if v > 127 else 40)
    base.paste(Image.merge("RGB", (ink, ink, ink)), (0, 0), mark)
    return base


def picture_task(task: dict[str, Any]) -> dict[str, Any]:
    picture = _upright(task["source"])
    cover(picture, task["boxes"])
    if task["watermark"]:
        picture = stamp(picture, _mark(picture.size, task))
    png = task["png"]
    if picture.mode != "RGB" and not png:
        picture = picture.convert("RGB")
    picture.save(
        task["target"], "PNG" if png else "JPEG", **({} if png else {"quality": JPEG, "subsampling": 0})
    )
    return {"width": picture.width, "height": picture.height}


def pdf_task(task: dict[str, Any]) -> dict[str, Any]:
    """Every page as a picture with the mark burnt in: no text layer, no attachment, no script is left."""
    import pypdfium2  # type: ignore[import-untyped]

    try:
        document = pypdfium2.PdfDocument(task["source"])
    except pypdfium2.PdfiumError as error:
        raise Refused("PDF 无法打开，可能已加密或者损坏") from error
    count = len(document)
    if not 0 < count <= task["pages"]:
        raise Refused(f"PDF 共 {count} 页，一次最多处理 {task['pages']} 页")

    def page(index: int) -> Image.Image:
        one = document[index]
        width, height = one.get_size()
        scale = min(PDF_DPI / 72, 4000 / max(width, height, 1))
        shown = one.render(scale=scale).to_pil().convert("RGB")
        return stamp(shown, _mark(shown.size, task))

    def rest() -> Iterator[Image.Image]:
        for index in range(1, count):
            _say(progress=round(100 * index / count))
            yield page(index)

    page(0).save(
        task["target"],
        "PDF",
        save_all=True,
        append_images=rest(),
        resolution=PDF_DPI,
        quality=85,
        title="",
        producer="",
    )
    return {"pages": count}


# --- sound and moving pictures -------------------------------------------------------------------


def _open(source: str) -> Any:
    import av

    try:
        return av.open(source, metadata_errors="ignore")
    except (av.FFmpegError, OSError, ValueError) as error:
        raise Refused("文件无法打开，可能已损坏或者不是支持的格式") from error


def _turned(frame: Any) -> int:
    return round(getattr(frame, "rotation", 0) or 0) % 360


def _shown(frame: Any) -> Image.Image:
    """A frame as the viewer sees it (the turn that the container asks for is done here)."""
    picture: Image.Image = frame.to_image()
    turn = _turned(frame)
    return picture.rotate(turn, expand=True) if turn else picture


def _length_ms(opened: Any) -> int:
    if opened.duration:
        return int(opened.duration / 1000)
    streams = [s for s in opened.streams if s.duration and s.time_base]
    return max((int(s.duration * s.time_base * 1000) for s in streams), default=0)


def shape_task(task: dict[str, Any]) -> dict[str, Any]:
    """What the file is, and one frame of it at ``at`` (with the boxes on it) as a JPEG in ``target``."""
    if task["kind"] == "picture":
        picture = _upright(task["source"])
        size = picture.size
        cover(picture, task["boxes"])
        _preview(picture, task)
        return {"kind": "picture", "width": size[0], "height": size[1], "length_ms": 0, "sound": False}
    import av

    with _open(task["source"]) as opened:
        found = {
            "kind": "video" if opened.streams.video else "audio",
            "width": 0,
            "height": 0,
            "length_ms": _length_ms(opened),
            "sound": bool(opened.streams.audio),
        }
        if not opened.streams.video:
            if not opened.streams.audio:
                raise Refused("文件里没有画面，也没有声音")
            return found
        stream = opened.streams.video[0]
        at = task["at"]
        with contextlib.suppress(av.FFmpegError):
            opened.seek(int(at * 1000), backward=True)
        last = None
        try:
            for frame in opened.decode(stream):
                last = frame
                if frame.time is None or _since(frame, stream) * 1000 >= at - 1:
                    break
        except av.FFmpegError as error:
            if last is None:
                raise Refused("画面无法解码，可能已损坏") from error
        if last is None:
            raise Refused("文件里没有可以解码的画面")
        picture = _shown(last)
        found["width"], found["height"] = picture.size
        now = _since(last, stream) * 1000
        cover(picture, [b for b in task["boxes"] if b["from"] <= now < b["to"]])
        _preview(picture, task)
        return found


def _preview(picture: Image.Image, task: dict[str, Any]) -> None:
    if task.get("target"):
        picture.thumbnail((1280, 1280))
        picture.convert("RGB").save(task["target"], "JPEG", quality=85)


def _since(frame: Any, stream: Any) -> float:
    """Seconds since the file's first moment."""
    start = (stream.container.start_time or 0) / 1_000_000
    return float(frame.time or 0) - start


def media_task(task: dict[str, Any]) -> dict[str, Any]:
    """Video to H.264 and AAC in MP4, sound alone to FLAC (so that what was not touched is bit for bit there)."""
    import av

    with _open(task["source"]) as source:
        video = source.streams.video[0] if source.streams.video else None
        audio = source.streams.audio[0] if source.streams.audio else None
        if video is None and audio is None:
            raise Refused("文件里没有画面，也没有声音")
        total = _length_ms(source)
        start, end = task["clip"] or (0, None)
        try:
            with av.open(task["target"], "w", format="mp4" if video else "flac") as target:
                work = _Work(source, target, task, start, end, total)
                counted = work.run(video, audio)
        except av.FFmpegError as error:
            raise Refused("原件无法完整解码，可能已损坏；请缩短截取的时段后重试") from error
    if not counted["frames"] and not counted["samples"]:
        raise Refused("所选时段内没有画面或者声音")
    return counted


class _Work:
    """One pass over a file: frames in the time range, covered, marked, encoded; samples likewise."""

    def __init__(  # noqa: PLR0917
        self, source: Any, target: Any, task: dict[str, Any], start: int, end: int | None, total: int
    ) -> None:
        self.source, self.target, self.task = source, target, task
        self.start, self.end = start / 1000, None if end is None else end / 1000
        self.total = (end if end is not None else total) or 1
        self.frames = self.samples = self.told = 0
        self.out_video: Any = None
        self.out_audio: Any = None
        self.moving = False
        self.mark: Image.Image | None = None
        self.last_pts = -1

    def run(self, video: Any, audio: Any) -> dict[str, Any]:
        import av

        self.moving = video is not None
        if video is not None:
            video.thread_type = "AUTO"
            self._video_out(video)
        if audio is not None:
            self._audio_out(audio)
        if self.start > 5:
            begin = (self.source.start_time or 0) + int((self.start - 2) * 1_000_000)
            with contextlib.suppress(av.FFmpegError):
                self.source.seek(begin, backward=True)
        streams = [s for s in (video, audio) if s is not None]
        open_ends = len(streams)
        over: set[int] = set()
        for frame in self._decoded(streams):
            is_video = isinstance(frame, av.VideoFrame)
            stream = video if is_video else audio
            now = _since(frame, stream)
            if self.end is not None and now >= self.end:
                over.add(stream.index)
                if len(over) == open_ends:
                    break
                continue
            if is_video:
                self._picture(frame, now)
            else:
                self._sound(frame, now)
        for out in (self.out_video, self.out_audio):
            if out is not None:
                for packet in out.encode(None):
                    self.target.mux(packet)
        return {"frames": self.frames, "samples": self.samples}

    def _decoded(self, streams: list[Any]) -> Iterator[Any]:
        for packet in self.source.demux(streams):
            yield from packet.decode()

    def _video_out(self, video: Any) -> None:
        """The output's size is that of an upright frame; a container says it only with the first one."""
        with _open(self.task["source"]) as look:
            first = next(look.decode(look.streams.video[0]), None)
            if first is None:
                raise Refused("文件里没有可以解码的画面")
            width, height = _shown(first).size
        if width * height > MAX_FRAME or min(width, height) < 2:
            raise Refused("画面过大，不能在系统内制作")
        rate = video.average_rate or video.guessed_rate or Fraction(25)
        out = self.target.add_stream("libx264", rate=min(max(Fraction(rate), Fraction(1)), Fraction(120)))
        out.width, out.height, out.pix_fmt = width & ~1, height & ~1, "yuv420p"
        out.options = {"preset": "veryfast", "crf": "20", "threads": "2"}
        out.codec_context.time_base = Fraction(1, 90000)
        self.out_video = out

    def _picture(self, frame: Any, now: float) -> None:
        import av

        if now < self.start - 1e-6:
            return
        if self.frames >= self.task["frames"]:
            raise Refused(f"超过一次制作的上限（{self.task['frames']} 帧），请缩短截取的时段")
        ms = now * 1000
        boxes = [b for b in self.task["boxes"] if b["from"] <= ms < b["to"]]
        picture = cover(_shown(frame), boxes)
        if self.task["watermark"]:
            if self.mark is None or self.mark.size != picture.size:
                self.mark = _mark(picture.size, self.task)
            picture = stamp(picture, self.mark)
        out = self.out_video
        if picture.size != (out.width, out.height):
            picture = picture.crop((0, 0, out.width, out.height))
        shown: Any = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]
        shown.time_base = Fraction(1, 90000)
        shown.pts = max(self.last_pts + 1, round((now - self.start) * 90000))
        self.last_pts = shown.pts
        for packet in out.encode(shown):
            self.target.mux(packet)
        self.frames += 1
        self._tell(ms)

    def _audio_out(self, audio: Any) -> None:
        import av

        rate = audio.rate or 44100
        layout = "stereo" if (audio.channels or 1) > 1 else "mono"
        self.rate_a, self.channels, self.layout = rate, 2 if layout == "stereo" else 1, layout
        self.to_s16 = av.AudioResampler(format="s16", layout=layout, rate=rate)
        if self.moving:
            # AAC knows only certain rates; the resampler brings any other to the usual one.
            rate = self.rate_a = rate if rate in AAC_RATES else 48000
            self.to_s16 = av.AudioResampler(format="s16", layout=layout, rate=rate)
        self.out_audio = self.target.add_stream("aac" if self.moving else "flac", rate=rate, layout=layout)

    def _sound(self, frame: Any, now: float) -> None:
        import av

        width = 2 * self.channels
        first = round(now * self.rate_a)
        for one in self.to_s16.resample(frame):
            raw = bytearray(bytes(one.planes[0])[: one.samples * width])
            for mute in self.task["mutes"]:
                a = max(0, round(mute[0] * self.rate_a / 1000) - first)
                b = min(one.samples, round(mute[1] * self.rate_a / 1000) - first)
                if a < b:
                    raw[a * width : b * width] = bytes((b - a) * width)
            low = max(0, round(self.start * self.rate_a) - first)
            high = (
                one.samples if self.end is None else min(one.samples, round(self.end * self.rate_a) - first)
            )
            kept = bytes(raw[low * width : high * width])
            place = first + low - round(self.start * self.rate_a)
            first += one.samples
            if not kept:
                continue
            made = av.AudioFrame(format="s16", layout=self.layout, samples=len(kept) // width)
            made.planes[0].update(kept + bytes(made.planes[0].buffer_size - len(kept)))
            made.rate, made.time_base, made.pts = self.rate_a, Fraction(1, self.rate_a), max(0, place)
            for packet in self.out_audio.encode(made):
                self.target.mux(packet)
            self.samples += len(kept) // width
        if not self.moving:
            self._tell(now * 1000)

    def _tell(self, ms: float) -> None:
        share = self.total - self.start * 1000
        percent = max(0, min(99, int(100 * (ms - self.start * 1000) / max(share, 1))))
        if percent > self.told:
            self.told = percent
            _say(progress=percent)


TASKS = {"picture": picture_task, "pdf": pdf_task, "shape": shape_task, "media": media_task}


def main() -> None:
    task = json.loads(sys.stdin.read())
    _limit(task)
    try:
        found = TASKS[task["task"]](task)
    except Refused as why:
        Path(task["target"]).unlink(missing_ok=True) if task.get("target") else None
        _say(refused=str(why))
        return
    except MemoryError:
        _say(refused="所需内存超过一次制作的上限，请缩短时段或者换用较小的原件")
        return
    _say(done=found)


if __name__ == "__main__":
    main()
